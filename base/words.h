/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H
#include <stddef.h>
/*
 * Tables that pair a word of the field with a number, for JSON enumerations, options, signals,
 * capabilities, rlimits.  A table ends with a NULL name.
 */
struct word {
	const char *name;
	int value;
};

const struct word *word_find(const struct word *table, const char *name); /* NULL when unknown */
const char *word_name(const struct word *table, int value);		  /* NULL when unknown */
/* Writes "a, b, c" for messages ("expected one of …"); cut off with "…" when the room ends. */
void word_list(const struct word *table, char *out, size_t size);
#endif
