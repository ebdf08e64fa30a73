/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange A B [TIMES]: swaps the two names, until it is killed when TIMES is not given: the other container
 * that rewrites a shared directory while a runtime walks through it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	long times = argc > 3 ? atol(argv[3]) : -1;

	if (argc < 3)
		return 125;
	while (times-- && renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) == 0)
		;
	if (times < 0 && argc > 3)
		return 0;
	perror("exchange");
	return 1;
}
