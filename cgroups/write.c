/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits into files: all of them or none.  What was there is read before it is overwritten, because a later value may be
 * refused and the container then goes on with what it had.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/words.h"
#include "cgroups/group.h"

enum { MOST_BYTES = 1 << 16 };

/* The words of `wanted` ("+memory +pids") that the file does not have already; NULL when none is left.  A user may not
 * write to the parents that delegate to them, and need not. */
static const char *missing(struct arena *a, const char *file, const char *wanted)
{
	struct text t = { .arena = a };
	char *have = NULL, *save, *words = arena_strdup(a, wanted);

	if (file_read(a, AT_FDCWD, file, MOST_BYTES, &have, NULL) < 0)
		return wanted;
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		if (!text_has_word(have, w + 1))
			text_add(&t, "%s%s", t.len ? " " : "", w);
	return t.len ? text_str(&t) : NULL;
}

static int enable_at(struct arena *a, const char *dir, const char *words, struct err *e)
{
	const char *file = arena_printf(a, "%s/cgroup.subtree_control", dir), *need = missing(a, file, words);
	int r = need ? file_poke(AT_FDCWD, file, need) : 0;

	if (r == -EBUSY)
		return err_set(e, EBUSY,
			       "enable %s in %s: the cgroup has processes of its own, and cgroup v2 then lets no controller pass; "
			       "choose another linux.cgroupsPath",
			       need, file);
	if (r == -ENOENT || r == -EACCES || r == -EPERM)
		return err_set(e, -r, "enable %s in %s: %s; the controller is not delegated to there (for a user under systemd: Delegate= of "
				      "user@.service, see systemd.resource-control(5))", need, file, strerror(-r));
	return r < 0 ? err_num(e, r, "enable %s in %s", need, file) : 0;
}

static int enable_controllers(struct arena *a, const char *mount, const char *path, const char *words, struct err *e)
{
	int r = 0;

	for (const char *p = path; p && !r; p = strchr(p + 1, '/'))
		r = enable_at(a, arena_printf(a, "%s%.*s", mount, (int)(p - path), path), words, e);
	return r;
}

/* Files that have a line for each device, and what a device that has no line is given. */
static const struct keyed {
	const char *file, *none;
} keyed[] = {
	{ "io.max", "rbps=max wbps=max riops=max wiops=max" },
	{ "io.weight", "default" },
	{ "io.bfq.weight", "default" },
	{ "rdma.max", "hca_handle=max hca_object=max" },
};

/* What must be written to undo the writing of l, when the file said `was`. */
static const char *former(struct arena *a, const struct cg_limit *l, const char *was)
{
	size_t key = strcspn(l->value, " ");

	for (size_t i = 0; i < sizeof(keyed) / sizeof(keyed[0]); i++) {
		if (strcmp(l->file, keyed[i].file))
			continue;
		for (const char *line = was; *line; line += strcspn(line, "\n"), line += *line == '\n')
			if (!strncmp(line, l->value, key) && line[key] == ' ')
				return arena_strndup(a, line, strcspn(line, "\n"));
		return arena_printf(a, "%.*s %s", (int)key, l->value, keyed[i].none);
	}
	return arena_strndup(a, was, strcspn(was, "\n"));
}

static int refused(const struct cg_limit *l, int dir, int r, struct err *e)
{
	auto_arena a = { 0 };
	size_t n = strcspn(l->file, ".");
	char *have;

	if (r != -ENOENT)
		return err_num(e, r, "%s: write \"%s\" to %s", l->from, l->value, l->file);
	if (file_read(&a, dir, "cgroup.controllers", MOST_BYTES, &have, NULL) == 0 && !text_has_word(have, arena_strndup(&a, l->file, n)))
		return err_set(e, ENOENT, "%s = %s: the controller \"%.*s\" is not delegated to this cgroup (see Delegate= in "
					  "systemd.resource-control(5))", l->from, l->value, (int)n, l->file);
	return err_set(e, ENOENT, "%s = %s: this kernel has no file %s", l->from, l->value, l->file);
}

static int write_one(struct arena *a, const struct cg_limit *l, int dir, const char **was, struct err *e)
{
	char *text = NULL;
	int r;

	*was = NULL;
	if (a && file_read(a, dir, l->file, MOST_BYTES, &text, NULL) == 0)
		*was = former(a, l, text);
	r = file_poke(dir, l->file, l->value);
	if (r == -EOPNOTSUPP && l->pardon == ENOENT) /* there is one, and not for this device */
		return 0;
	return r < 0 && r != -l->pardon ? refused(l, dir, r, e) : 0;
}

int cg_write_limits(const struct cg_plan *p, int dir, bool undo, struct err *e)
{
	auto_arena a = { 0 };
	const char **was = arena_array(&a, p->limits.len, sizeof(*was));
	size_t i;
	int r = 0;

	for (i = 0; i < p->limits.len && !r; i++)
		r = write_one(undo ? &a : NULL, &p->limits.at[i], dir, &was[i], e);
	while (r && i--)
		if (was[i])
			(void)file_poke(dir, p->limits.at[i].file, was[i]);
	return r;
}

int cg_enable(const struct cg_plan *p, const char *mount, const char *path, struct err *e)
{
	auto_arena a = { 0 };

	return p->controllers ? enable_controllers(&a, mount, path, p->controllers, e) : 0;
}
