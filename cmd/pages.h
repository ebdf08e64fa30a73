/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_PAGES_H
#define CMD_PAGES_H
/* Everything that is written about the verbs, made from their tables. */
#include "cmd/opts.h"

void page_help(const struct verb *v, struct text *t);
void page_man(const struct verb *v, struct text *t); /* of a group: with all its verbs */
void page_bash(const struct verb *program, struct text *t);
void page_zsh(const struct verb *program, struct text *t);
void page_fish(const struct verb *program, struct text *t);

struct page {
	const char *name; /* the word for `kist completion` */
	const char *path; /* below docs/ */
	void (*write)(const struct verb *program, struct text *t);
};
extern const struct page page_shells[]; /* ends with a NULL name */

/* "Print this help." from "print this help". */
const char *page_sentence(struct arena *a, const char *s);
/* The option's help with the words it knows, of which the first is the default. */
const char *page_about(struct arena *a, const struct opt *o);
int page_print_help(struct arena *a, const struct verb *v, struct err *e);

/* Calls for v and, group by group, for every verb below it that is not hidden. */
void page_each(const struct verb *v, void (*print)(const struct verb *v, struct text *t), struct text *t);
/* One word for a verb: "run", and "image SEPARATOR import" of a group. */
const char *page_key(struct arena *a, const struct verb *v, const char *separator);
/* The rows of v that are documented, then --help: for (o = page_opt(v, NULL); o; o = page_opt(v, o)) */
const struct opt *page_opt(const struct verb *v, const struct opt *after);
#endif
