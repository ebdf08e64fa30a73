/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_GUESS_H
#define CMD_GUESS_H
/* "Did you mean …": the known word nearest to a mistyped one. Start with { .word = …, .len = … }. */
#include <stddef.h>

struct guess {
	const char *word;
	size_t len;
	const char *best; /* NULL: nothing is near */
	size_t distance;
};

void guess_try(struct guess *g, const char *candidate);
#endif
