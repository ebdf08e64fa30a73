/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"
#include "instances/instance.h"

struct kill_opts {
	bool all;
};

static const struct opt rows[] = {
	O_FLAG(struct kill_opts, all, 'a', "all",
	       "signal every process of the container, even when its first one is gone"),
};

static int run(struct call *c, struct err *e)
{
	const struct kill_opts *o = c->opts;
	auto_inst i = INST_NONE;
	const char *word = c->args.at[1];
	int sig;

	if (c->args.n < 2) {
		(void)inst_open(c->ctx.arena, c->data, c->args.at[0], &i, NULL);
		word = inst_stop_signal(&i);
	}
	sig = ct_signal(word + (*word == '-'), e); /* "-9" is what kill(1) has taught everybody */

	return sig < 0 ? sig : ct_kill(&c->ctx, c->args.at[0], sig, o->all, e);
}

const struct verb verb_kill = {
	.name = "kill",
	.summary = "send a signal to a container",
	.detail = "SIGNAL is a number or a name in either case, with or without SIG; without it "
		  "SIGTERM, or what the image or --stop-signal of an instance says. It goes to the "
		  "container's first process; KILL goes to all when they have no pid namespace of their own.",
	.operands = { { "ID", COMPLETE_CONTAINER }, { "[SIGNAL]", COMPLETE_SIGNAL } },
	.examples = { { "kist kill dns1", "Ask the container to end." },
		      { "kist kill dns1 HUP", "Let a service read its configuration again." },
		      { "kist kill --all dns1 KILL", "End every process in it." } },
	OPTS(struct kill_opts, rows),
	.run = run,
};
