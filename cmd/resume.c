/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"

static int run(struct call *c, struct err *e)
{
	return ct_resume(&c->ctx, c->args.at[0], e);
}

const struct verb verb_resume = {
	.name = "resume",
	.summary = "let a paused container go on",
	.detail = "Returns when the processes that \"kist pause\" stopped run again.",
	.operands = { { "ID", COMPLETE_CONTAINER } },
	.examples = { { "kist resume dns1", "Let dns1 go on where it was." } },
	.run = run,
};
