/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange A B: swaps the two names until it is killed: the other container that rewrites a shared
 * directory while a runtime walks through it.
 */
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 3)
		return 125;
	while (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) == 0)
		;
	perror("exchange");
	return 1;
}
