/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "cmd/verbs.h"
#include "instances/instance.h"

struct stop_opts {
	uint32_t time;
};

enum { USUAL_MS = 10000, KILLED_MS = 10000, AT_ONCE_MS = 1 };

static const struct opt rows[] = {
	{ 't', "time", "TIME", OPT_TIME, COMPLETE_NONE, AT_ONCE_MS, OPT_SLOT(struct stop_opts, time, uint32_t), NULL,
	  "how long to wait before killing it, 0: not at all (default: 10s)" },
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 0 when it has ended, 1 when the time is over. */
static int await(struct ct_watch *w, int64_t ms, struct err *e)
{
	int64_t until = now_ms() + ms, left;

	while ((left = until - now_ms()) > 0) {
		int r = ct_wait_event(w, (int)left, e);

		if (r < 0 || r == CT_EVENT_END)
			return r < 0 ? r : 0;
	}
	return 1;
}

/* It may end by itself between the looks. */
static int send(const struct call *c, const char *id, int sig, struct err *e)
{
	int r = ct_kill(&c->ctx, id, sig, sig == SIGKILL, e);

	return r == -ESRCH ? 0 : r;
}

static int end(const struct call *c, const char *id, int sig, struct err *e)
{
	const struct stop_opts *o = c->opts;
	auto_watch w = { -1, -1, 0 };
	int r = ct_watch(&c->ctx, id, &w, e);

	if (r < 0)
		return r == -ESRCH ? 0 : r;
	r = send(c, id, sig, e);
	if (!r)
		r = await(&w, o->time ? o->time : USUAL_MS, e);
	if (r != 1)
		return r;
	r = send(c, id, SIGKILL, e);
	if (!r)
		r = await(&w, KILLED_MS, e);
	return r == 1 ? err_set(e, ETIMEDOUT, "container %s is still there %d s after it was killed: it is stuck in the kernel", id,
				KILLED_MS / 1000)
		      : r;
}

/* Who waited for its end writes down how, or removes it: after this its name is free, and its exit code known. */
static int stop(struct call *c, const char *id, struct err *e)
{
	auto_inst i = INST_NONE;
	bool known = inst_open(c->ctx.arena, c->data, id, &i, NULL) == 0;
	int r = ct_signal(inst_stop_signal(&i), e);

	r = r < 0 ? r : end(c, id, r, e);
	if (!r && known)
		(void)inst_lock(&i);
	return r;
}

static int run(struct call *c, struct err *e)
{
	return verb_each(c, stop, e);
}

const struct verb verb_stop = {
	.name = "stop",
	.summary = "ask containers to end, and kill those that do not",
	.detail = "Sends the stop signal of the instance's image or options, or SIGTERM, and after TIME SIGKILL to all processes. "
		  "Returns when it has ended; one that has stopped already is no error.",
	.operands = { { "ID...", COMPLETE_CONTAINER } },
	.examples = { { "kist stop dns1", "Give it ten seconds." }, { "kist stop -t 1m ldap", "Give it a minute." } },
	OPTS(struct stop_opts, rows),
	.run = run,
};
