/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/create.h"

static const struct opt rows[] = {
	CREATE_ROWS,
	O_FLAG(struct ct_create, detach, 'd', "detach", "return as soon as the program runs"),
	O_FLAG(struct ct_create, keep, 0, "keep", "keep the stopped container until \"kist delete\""),
};

static int run(struct call *c, struct err *e)
{
	struct ct_create *o = c->opts;
	int r = create_begin(c, o, e);

	return r ? r : ct_run(&c->ctx, o, &c->code, e);
}

const struct verb verb_run = {
	.name = "run",
	.summary = "create a container, start it, wait for its end and delete it",
	.detail = "In the foreground kist passes signals and the terminal to the container, and ends "
		  "with the exit code of its program, or 128 and the number of the signal that ended "
		  "it. With --detach kist returns at once and the container stays until \"kist "
		  "delete\".",
	.operands = { { "ID", COMPLETE_NONE } },
	.examples = {
		{ "kist run dns1", "Run config.json of the current directory in the foreground." },
		{ "kist run --detach --bundle /srv/dns dns1", "Run it in the background." },
		{ "kist run --dry-run --bundle /srv/dns dns1", "Print the plan and touch nothing." },
	},
	OPTS(struct ct_create, rows),
	.run = run,
};
