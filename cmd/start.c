/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/create.h"

struct start_opts {
	bool attach;
};

static const struct opt rows[] = {
	O_FLAG(struct start_opts, attach, 'a', "attach", "of a stopped instance: stay in the foreground until its end"),
};

static int run(struct call *c, struct err *e)
{
	const struct start_opts *o = c->opts;

	return inst_start(&c->ctx, c->data, c->args.at[0], o->attach, &c->code, e);
}

const struct verb verb_start = {
	.name = "start",
	.summary = "let a created container run its program, or a stopped instance again",
	.detail = "Returns once the program has been executed; if it cannot be, says why and fails. An instance that has "
		  "stopped, also by the end of the host, begins anew on the files that it left.",
	.operands = { { "ID", COMPLETE_CONTAINER } },
	.examples = { { "kist start dns1", "Start what \"kist create\" set up, or what has stopped." },
		      { "kist start --attach dns1", "The same in the foreground, as \"kist run\" does." } },
	OPTS(struct start_opts, rows),
	.run = run,
};
