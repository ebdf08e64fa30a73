/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "cmd/guess.h"

const struct verb *verb_find(const struct verb *group, const char *name)
{
	for (const struct verb *const *v = group->subs; *v; v++)
		if (!strcmp((*v)->name, name))
			return *v;
	return NULL;
}

/* What other tools call it. */
static const char *known_as(const char *name)
{
	static const struct {
		const char *theirs, *ours;
	} rows[] = {
		{ "rm", "delete" },	   { "remove", "delete" },	{ "unpause", "resume" },  { "images", "image list" },
		{ "rmi", "image remove" }, { "tag", "image tag" },	{ "load", "image import" }, { "import", "image import" },
		{ "save", "image export" }, { "inspect", "state" },	{ "top", "ps" },	  { "ls", "list" },
		{ "copy", "cp" },	   { "df", "system df" },	{ "prune", "system prune" }, { "version", "--version" },
		{ "restart", "stop, and kist start" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].theirs, name))
			return rows[i].ours;
	return NULL;
}

const struct verb *verb_need(struct arena *a, const struct verb *group, const char *name, struct err *e)
{
	const struct verb *found = verb_find(group, name);
	struct guess g = { .word = name, .len = strlen(name) };
	struct text usage = { .arena = a };

	if (found)
		return found;
	for (const struct verb *const *v = group->subs; *v; v++)
		if (!(*v)->hidden)
			guess_try(&g, (*v)->name);
	if (group->program && known_as(name)) {
		err_set(e, EINVAL, "unknown command \"%s\": that is kist %s (see kist --help)", name, known_as(name));
		return NULL;
	}
	opts_usage(group, &usage);
	err_set(e, EINVAL, "unknown command \"%s%s%s\"%s%s%s; usage: %s (see %s --help)",
		group->program ? "" : group->name, group->program ? "" : " ", name,
		g.best ? " (did you mean " : "", g.best ? g.best : "", g.best ? "?)" : "", text_str(&usage),
		opts_title(a, group));
	return NULL;
}

int verb_next(int failed, int r, const struct err *said, struct err *e)
{
	if (r >= 0)
		return failed;
	if (failed < 0)
		log_line(LOG_ERROR, "%s", e->msg);
	*e = *said;
	return r;
}

int verb_each(struct call *c, int (*one)(struct call *c, const char *operand, struct err *e), struct err *e)
{
	int failed = 0;

	for (int i = 0; i < c->args.n; i++) {
		struct err said = { 0 };

		failed = verb_next(failed, one(c, c->args.at[i], &said), &said, e);
	}
	return failed;
}

int verb_print(const char *text, struct err *e)
{
	int r = fd_write_all(STDOUT_FILENO, text, strlen(text));

	return r < 0 ? err_num(e, r, "write to standard output") : 0;
}
