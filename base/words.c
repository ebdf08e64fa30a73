/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/words.h"

#include <stdio.h>
#include <string.h>

const struct word *word_find(const struct word *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

const char *word_name(const struct word *table, int value)
{
	for (; table->name; table++)
		if (table->value == value)
			return table->name;
	return NULL;
}

void word_list(const struct word *table, char *out, size_t size)
{
	static const char more[] = ", …";
	size_t n = 0;

	*out = 0;
	for (const struct word *w = table; w->name; w++) {
		size_t want = strlen(w->name) + (n ? 2 : 0);

		if (n + want + sizeof(more) > size) {
			snprintf(out + n, size - n, "%s", more);
			return;
		}
		n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", w->name);
	}
}
