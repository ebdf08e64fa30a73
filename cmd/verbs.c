/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/guess.h"

const struct verb *verb_find(const struct verb *group, const char *name)
{
	for (const struct verb *const *v = group->subs; *v; v++)
		if (!strcmp((*v)->name, name))
			return *v;
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
	opts_usage(group, &usage);
	err_set(e, EINVAL, "unknown command \"%s%s%s\"%s%s%s; usage: %s (see %s --help)",
		group->program ? "" : group->name, group->program ? "" : " ", name,
		g.best ? " (did you mean " : "", g.best ? g.best : "", g.best ? "?)" : "", text_str(&usage),
		opts_title(a, group));
	return NULL;
}

int verb_print(const char *text, struct err *e)
{
	int r = fd_write_all(STDOUT_FILENO, text, strlen(text));

	return r < 0 ? err_num(e, r, "write to standard output") : 0;
}
