/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/guess.h"

#include <stdbool.h>
#include <string.h>

enum { LONGEST = 32 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance with one row: the number of letters added, removed or changed. */
static size_t distance(const char *a, size_t an, const char *b, size_t bn)
{
	size_t row[LONGEST + 1];

	for (size_t j = 0; j <= bn; j++)
		row[j] = j;
	for (size_t i = 1; i <= an; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= bn; j++) {
			size_t above = row[j];

			row[j] = least(least(row[j], row[j - 1]) + 1, corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[bn];
}

/* What other engines call it is meant, however far it is. */
static bool is_habit(const char *word, const char *candidate)
{
	static const char *const habits[][2] = { { "ls", "list" }, { "rm", "remove" } };

	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
		if (!strcmp(word, habits[i][0]) && !strcmp(candidate, habits[i][1]))
			return true;
	return false;
}

void guess_try(struct guess *g, const char *candidate)
{
	size_t n = strlen(candidate), d;

	if (g->len > LONGEST || n > LONGEST || g->len < 2)
		return;
	d = is_habit(g->word, candidate) ? 0 : distance(g->word, g->len, candidate, n);
	if (d > (n + 1) / 3 || (g->best && d >= g->distance))
		return;
	g->best = candidate;
	g->distance = d;
}
