/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/format.h"

#include <string.h>

enum { LINE = 80 };

const struct word format_words[] = { { "table", FORMAT_TABLE }, { "json", FORMAT_JSON }, { NULL, 0 } };

static const char *cell(struct arena *a, const char *s)
{
	char *safe = arena_strdup(a, s ? s : "");

	text_one_line(safe);
	return safe;
}

void table_add(struct table *t, const char *const *cells)
{
	t->at = arena_grow(t->arena, t->at, t->rows, sizeof(*t->at));
	for (size_t i = 0; i < t->columns; i++) {
		size_t n;

		t->at[t->rows][i] = cell(t->arena, cells[i]);
		n = strlen(t->at[t->rows][i]);
		if (n > t->width[i])
			t->width[i] = n;
	}
	t->rows++;
}

const char *table_text(const struct table *t)
{
	struct text out = { .arena = t->arena };

	for (size_t r = 0; r < t->rows; r++) {
		for (size_t i = 0; i + 1 < t->columns; i++)
			text_add(&out, "%-*s  ", (int)t->width[i], t->at[r][i]);
		text_add(&out, "%s\n", t->at[r][t->columns - 1]);
	}
	return text_str(&out);
}

void format_wrap(struct text *t, size_t column, size_t indent, const char *words)
{
	bool fresh = true;

	while (*(words += strspn(words, " \n"))) {
		size_t n = strcspn(words, " \n");

		if (!fresh && column + 1 + n > LINE) {
			text_add(t, "\n%*s", (int)indent, "");
			column = indent;
			fresh = true;
		}
		text_add(t, "%s%.*s", fresh ? "" : " ", (int)n, words);
		column += n + !fresh;
		fresh = false;
		words += n;
	}
	text_add(t, "\n");
}

void format_paragraphs(struct text *t, const char *words)
{
	const char *end;

	for (; (end = strstr(words, "\n\n")); words = end + 2) {
		format_wrap(t, 0, 0, arena_strndup(t->arena, words, (size_t)(end - words)));
		text_add(t, "\n");
	}
	format_wrap(t, 0, 0, words);
}
