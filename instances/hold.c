/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/text.h"

#define TURN "held"

/* Of two that read one instance the first would let it go on under the other, and so would the guard of one that was killed. */
static int take_turn(struct inst_hold *h, struct err *e)
{
	int r;

	h->turn = openat(h->i.dir, TURN, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	do
		r = h->turn < 0 ? -1 : flock(h->turn, LOCK_EX);
	while (r < 0 && errno == EINTR);
	return r < 0 ? err_sys(e, "wait until nobody else reads instance %s", h->i.name) : 0;
}

/* The child's part: the end of the pipe without a word is the parent's death. */
static void guard(const struct inst_hold *h, int pipe)
{
	auto_fd null = fd_open(AT_FDCWD, "/dev/null", O_RDWR);
	char word;
	ssize_t n;

	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null, fd);
	(void)fd_close_from(3, (const int[]){ pipe, h->turn }, 2);
	null = -1;
	do
		n = read(pipe, &word, 1);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		(void)ct_resume(h->c, h->i.name, NULL);
	_exit(0);
}

/* A frozen cgroup stays so whoever dies: a service must not stand still because its backup was killed. */
static int leave_guard(struct inst_hold *h, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	h->word = ends[1];
	h->guard = fork();
	if (!h->guard) {
		close(ends[1]);
		guard(h, ends[0]);
	}
	/* What is sent to the whole group is for the parent alone, and may come before the child has run at all. */
	if (h->guard > 0)
		(void)setpgid(h->guard, h->guard);
	close(ends[0]);
	return h->guard < 0 ? err_sys(e, "leave a process that lets instance %s go on", h->i.name) : 0;
}

static void dismiss_guard(struct inst_hold *h)
{
	if (h->guard > 0) {
		(void)!write(h->word, "", 1);
		(void)proc_wait(h->guard);
	}
	h->guard = 0;
	fd_done(&h->word);
}

int inst_let_go(struct inst_hold *h, struct err *e)
{
	int r;

	if (!h->paused)
		return 0;
	h->paused = false;
	r = ct_resume(h->c, h->i.name, e);
	dismiss_guard(h);
	fd_done(&h->turn);
	(void)sigprocmask(SIG_SETMASK, &h->before, NULL);
	return r;
}

void inst_hold_done(struct inst_hold *h)
{
	struct err e = { 0 };

	if (inst_let_go(h, &e) < 0)
		log_line(LOG_ERROR, "%s", e.msg);
	fd_done(&h->turn);
	inst_done(&h->i);
}

static int pause_it(struct inst_hold *h, struct err *e)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t held;
	int r;

	sigemptyset(&held);
	for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++)
		sigaddset(&held, ends[k]);
	(void)sigprocmask(SIG_BLOCK, &held, &h->before);
	r = leave_guard(h, e);
	if (!r)
		r = ct_pause(h->c, h->i.name, e);
	h->paused = !r;
	if (r < 0) {
		dismiss_guard(h);
		(void)sigprocmask(SIG_SETMASK, &h->before, NULL);
	}
	return r < 0 ? err_hint(e, r, "--pause=false reads while it goes on") : 0;
}

static void list(struct inst_hold *h)
{
	const struct inst *i = &h->i;
	const struct oci_kist_root *root = i->spec.kist ? i->spec.kist->root : NULL;
	struct strv v = { .arena = i->a };

	h->upper = root && root->upper;
	if (h->upper)
		strv_add(&v, path_join(i->a, i->path, root->upper));
	for (size_t k = 0; root && k < root->lower.len; k++)
		strv_add(&v, root->lower.at[k]);
	if (!v.len)
		strv_add(&v, path_join(i->a, i->path, i->spec.root->path));
	h->tree = (strings){ v.at, v.len };
}

static int quiet(struct inst_hold *h, bool pause, struct err *e)
{
	struct oci_state s;
	int r = pause ? take_turn(h, e) : 0;
	bool known = !r && ct_state(h->c, h->i.name, &s, NULL) == 0;

	if (r < 0)
		return r;
	if (known && strcmp(s.bundle, h->i.path) != 0)
		known = false; /* another's container of that name */
	if (known && strcmp(s.status, "stopped") != 0)
		return pause && !strcmp(s.status, "running") ? pause_it(h, e) : 0;
	return inst_lock(&h->i) ? 0 : err_set(e, EBUSY, "instance %s is being started: try again", h->i.name);
}

int inst_hold(const struct ct_ctx *c, const char *data, const char *name, bool pause, struct inst_hold *out, struct err *e)
{
	auto_hold h = INST_HOLD_NONE;
	int r = inst_open(c->arena, data, name, &h.i, e);

	if (r == -ENOENT)
		return err_set(e, ENOENT, "there is no instance %s (kist list shows all)", name);
	if (r < 0)
		return r;
	h.c = c;
	if (!h.i.spec.root)
		return err_set(e, EINVAL, "instance %s has no root", name);
	list(&h);
	r = quiet(&h, pause, e);
	if (r < 0)
		return r;
	*out = h;
	h = (struct inst_hold)INST_HOLD_NONE;
	return 0;
}

int inst_hold_check(const struct inst_hold *h, struct err *e)
{
	const char *path = arena_printf(h->i.a, "%s/config.json", h->i.path);

	return access(path, F_OK) == 0 ? 0 : err_set(e, ENOENT, "instance %s was removed meanwhile", h->i.name);
}
