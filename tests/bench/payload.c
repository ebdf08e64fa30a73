/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only program of the bench's root file system: as `true` it ends at once, as `pause` it
 * stays until it is killed.
 */
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc > 0 && strstr(argv[0], "pause"))
		for (;;)
			pause();
	return 0;
}
