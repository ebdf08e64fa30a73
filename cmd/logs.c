/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/verbs.h"
#include "instances/instance.h"
#include "instances/log.h"

struct logs_opts {
	bool follow;
	const uint64_t *tail;
};

static const struct opt rows[] = {
	O_FLAG(struct logs_opts, follow, 'f', "follow", "go on with what comes, until the instance ends"),
	O_NUMBER_(struct logs_opts, tail, const uint64_t *, OPT_U64, 'n', "tail", "N", "begin with the last N lines"),
};

enum { AGAIN_MS = 200 };

/* What is there now. */
static int drain(int log, struct err *e)
{
	char part[65536];
	ssize_t n;

	for (;;) {
		int r;

		inst_log_skip(log); /* the beginning may go while it is read */
		n = read(log, part, sizeof(part));
		if (n <= 0)
			break;
		r = fd_write_all(STDOUT_FILENO, part, (size_t)n);
		if (r < 0)
			return err_num(e, r, "write to standard output");
	}
	return n < 0 ? err_sys(e, "read the log") : 0;
}

/* A file tells nobody that it grows; the end of the instance is looked for before the last reading. */
static int follow(const struct call *c, const char *id, int log, struct err *e)
{
	auto_watch w = { -1, -1, 0 };
	int r = ct_watch(&c->ctx, id, &w, NULL), what = r < 0 ? CT_EVENT_END : CT_EVENT_NONE;

	for (;;) {
		r = drain(log, e);
		if (r < 0 || what == CT_EVENT_END)
			return r;
		what = ct_wait_event(&w, AGAIN_MS, e);
		if (what < 0)
			return what;
	}
}

static int run(struct call *c, struct err *e)
{
	const struct logs_opts *o = c->opts;
	const char *id = c->args.at[0];
	auto_inst i = INST_NONE;
	auto_fd log = -1;
	int r = inst_open(c->ctx.arena, c->data, id, &i, e);

	if (r == -ENOENT)
		return err_set(e, ENOENT, "there is no instance %s: what other containers say went to their caller", id);
	if (r < 0)
		return r;
	log = fd_open(i.dir, INST_LOG, O_RDONLY | O_NOFOLLOW);
	if (log == -ENOENT)
		return err_set(e, ENOENT, "instance %s has no log: it has never been detached", id);
	if (log < 0)
		return err_num(e, log, "open the log of instance %s", id);
	if (o->tail)
		inst_log_tail(log, *o->tail);
	return o->follow ? follow(c, id, log, e) : drain(log, e);
}

const struct verb verb_logs = {
	.name = "logs",
	.summary = "print what a detached instance has said",
	.detail = "Standard output and standard error together, as they came, of all its runs; the last 64 MiB of it, or what "
		  "--log-max of \"kist run\" said.",
	.operands = { { "INSTANCE", COMPLETE_CONTAINER } },
	.examples = { { "kist logs dns1", "All of it." }, { "kist logs -f dns1", "And what comes." },
		      { "kist logs -f --tail 20 dns1", "The last twenty lines, and what comes." } },
	OPTS(struct logs_opts, rows),
	.run = run,
};
