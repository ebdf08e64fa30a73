/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "cmd/pages.h"
#include "cmd/verbs.h"

struct tree {
	struct arena *arena;
	const char *dir;
};

static int put(const struct tree *d, const char *name, struct text *t, struct err *e)
{
	char *path = arena_printf(d->arena, "%s/%s", d->dir, name), *slash = strrchr(path, '/');
	auto_fd dir = -1;
	int r;

	*slash = 0;
	r = path_mkdirs(path, 0755);
	if (r >= 0)
		r = dir = fd_open(AT_FDCWD, path, O_PATH | O_DIRECTORY);
	if (r >= 0)
		r = file_put(dir, slash + 1, text_str(t), t->len, 0644, FILE_VOLATILE);
	return r < 0 ? err_num(e, r, "write %s in %s", slash + 1, path) : 0;
}

static int put_man(const struct tree *d, const struct verb *v, struct err *e)
{
	struct text t = { .arena = d->arena };

	page_man(v, &t);
	return put(d, arena_printf(d->arena, v->program ? "%s.1" : "kist-%s.1", v->name), &t, e);
}

static int run(struct call *c, struct err *e)
{
	struct tree d = { .arena = c->ctx.arena, .dir = c->args.at[0] };
	int r = put_man(&d, &verb_kist, e);

	for (const struct verb *const *v = verb_kist.subs; *v && r >= 0; v++)
		if (!(*v)->hidden)
			r = put_man(&d, *v, e);
	for (const struct page *p = page_shells; p->name && r >= 0; p++) {
		struct text t = { .arena = d.arena };

		p->write(&verb_kist, &t);
		r = put(&d, p->path, &t, e);
	}
	return r;
}

const struct verb verb_docs = {
	.name = "docs",
	.summary = "write the man pages and completions that the source tree carries",
	.operands = { { "DIR", COMPLETE_DIR } },
	.examples = { { "kist docs docs", "Bring them up to date in the top directory of the source." } },
	.hidden = true,
	.run = run,
};
