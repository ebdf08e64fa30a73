/* SPDX-License-Identifier: GPL-2.0-or-later */
/* instance.h: who may change an instance. */
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "instances/instance.h"

static bool is_same_directory(const char *a, const char *b)
{
	struct stat s, t;

	return !strcmp(a, b) || (stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino);
}

bool inst_is_of_root(const struct ct_ctx *c, const struct inst *i)
{
	const char *state = i->spec.kist ? i->spec.kist->state : NULL;

	return !state || is_same_directory(state, c->root);
}

bool inst_is_locked(const struct inst *i)
{
	return flock(i->dir, LOCK_EX | LOCK_NB) < 0;
}

bool inst_lock(const struct inst *i)
{
	enum { FIRST = 250000, LONGEST = 40 * FIRST, PATIENCE = 2000000000 };
	struct timespec pause = { 0, FIRST };
	long left = PATIENCE;

	/* Most often somebody writes down how it ended, which takes a moment. */
	for (; inst_is_locked(i) && left > 0; left -= pause.tv_nsec) {
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < LONGEST)
			pause.tv_nsec *= 2;
	}
	return left > 0;
}

int inst_claim(const struct ct_ctx *c, const struct inst *i, struct err *e)
{
	if (!inst_is_of_root(c, i))
		return err_set(e, EPERM, "instance %s keeps its state in %s, not in %s, and may be running: repeat this with --root %s",
			       i->name, i->spec.kist->state, c->root, i->spec.kist->state);
	if (!inst_lock(i))
		return err_set(e, EBUSY, "instance %s is being made, run or removed by another kist", i->name);
	return 0;
}
