/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_FORMAT_H
#define CMD_FORMAT_H
/* Output for people: aligned tables, wrapped paragraphs; and the option that chooses the other one. */
#include "base/text.h"
#include "base/words.h"

enum format { FORMAT_TABLE, FORMAT_JSON };
extern const struct word format_words[];

enum { TABLE_COLUMNS = 16 };
struct table {
	struct arena *arena;
	size_t columns, rows;
	const char *(*at)[TABLE_COLUMNS];
	size_t width[TABLE_COLUMNS];
};

/* One cell per column; a NULL cell is empty.  Control characters become '?': a cell may be anybody's text. */
void table_add(struct table *t, const char *const *cells);
const char *table_text(const struct table *t);

/*
 * Adds words wrapped at column 80, lines after the first begun with `indent` spaces, and a newline at the
 * end.  `column` is where the text stands already.
 */
void format_wrap(struct text *t, size_t column, size_t indent, const char *words);
/* The same for paragraphs, which an empty line separates. */
void format_paragraphs(struct text *t, const char *words);
#endif
