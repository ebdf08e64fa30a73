/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_PAGES_H
#define CMD_PAGES_H
/* Everything that is written about the verbs, made from their tables. */
#include "cmd/opts.h"

void page_help(const struct verb *v, struct text *t);
void page_man(const struct verb *v, struct text *t); /* verb_kist: the page of the program */
void page_bash(struct text *t);
void page_zsh(struct text *t);
void page_fish(struct text *t);

struct page {
	const char *name; /* the word for `kist completion` */
	const char *path; /* below docs/ */
	void (*write)(struct text *t);
};
extern const struct page page_shells[]; /* ends with a NULL name */

/* "Print this help." from "print this help". */
const char *page_sentence(struct arena *a, const char *s);
/* The option's help with the words it knows, of which the first is the default. */
const char *page_about(struct arena *a, const struct opt *o);
int page_print_help(struct arena *a, const struct verb *v, struct err *e);

/* The rows of v that are documented, then --help: for (o = page_opt(v, NULL); o; o = page_opt(v, o)) */
const struct opt *page_opt(const struct verb *v, const struct opt *after);
#endif
