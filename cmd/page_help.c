/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>

#include "cmd/format.h"
#include "cmd/pages.h"
#include "cmd/verbs.h"

enum { HELP_COLUMN = 29 };

const struct opt *page_opt(const struct verb *v, const struct opt *after)
{
	size_t i;

	if (after == &opts_help_row)
		return NULL;
	i = after ? (size_t)(after - v->opts) + 1 : 0;
	while (i < v->n && !v->opts[i].name)
		i++;
	return i < v->n ? &v->opts[i] : &opts_help_row;
}

const char *page_sentence(struct arena *a, const char *s)
{
	return arena_printf(a, "%c%s.", toupper((unsigned char)*s), s + 1);
}

const char *page_about(struct arena *a, const struct opt *o)
{
	struct text t = { .arena = a };

	text_add(&t, "%s", o->help);
	for (const struct word *w = o->words; w && w->name; w++)
		text_add(&t, w == o->words ? ": %s (default)" : ", %s", w->name);
	return text_str(&t);
}

void page_each(const struct verb *v, void (*print)(const struct verb *v, struct text *t), struct text *t)
{
	print(v, t);
	for (const struct verb *const *s = v->subs; s && *s; s++)
		if (!(*s)->hidden)
			page_each(*s, print, t);
}

const char *page_key(struct arena *a, const struct verb *v, const char *separator)
{
	return v->group ? arena_printf(a, "%s%s%s", v->group, separator, v->name) : v->name;
}

static void option(const struct opt *o, struct text *t)
{
	size_t before = t->len, column;

	text_add(t, o->letter ? "  -%c, " : "      ", o->letter);
	text_add(t, "--%s%s%s", o->name, o->arg ? "=" : "", o->arg ? o->arg : "");
	column = t->len - before;
	if (column + 2 > HELP_COLUMN) {
		text_add(t, "\n");
		column = 0;
	}
	text_add(t, "%*s", (int)(HELP_COLUMN - column), "");
	format_wrap(t, HELP_COLUMN, HELP_COLUMN, page_about(t->arena, o));
}

static void commands(const struct verb *group, struct text *t)
{
	text_add(t, "\ncommands:\n");
	for (const struct verb *const *v = group->subs; *v; v++)
		if (!(*v)->hidden)
			text_add(t, "  %-12s %s\n", (*v)->name, (*v)->summary);
}

void page_help(const struct verb *v, struct text *t)
{
	text_add(t, "usage: ");
	opts_usage(v, t);
	text_add(t, "\n\n");
	format_wrap(t, 0, 0, page_sentence(t->arena, v->summary));
	if (v->detail) {
		text_add(t, "\n");
		format_paragraphs(t, v->detail);
	}
	if (v->subs)
		commands(v, t);
	text_add(t, "\noptions:\n");
	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		option(o, t);
	text_add(t, "\nexamples:\n");
	for (const struct example *x = v->examples; x->command; x++) {
		text_add(t, "  %s\n      ", x->command);
		format_wrap(t, 6, 6, x->what);
	}
}

int page_print_help(struct arena *a, const struct verb *v, struct err *e)
{
	struct text t = { .arena = a };

	page_help(v, &t);
	return verb_print(text_str(&t), e);
}
