/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"

static int run(struct call *c, struct err *e)
{
	return ct_start(&c->ctx, c->args.at[0], e);
}

const struct verb verb_start = {
	.name = "start",
	.summary = "let a created container run its program",
	.detail = "Returns once the program has been executed; if it cannot be, says why and fails.",
	.operands = { { "ID", COMPLETE_CONTAINER } },
	.examples = { { "kist start dns1", "Start what \"kist create\" set up." } },
	.run = run,
};
