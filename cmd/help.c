/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cmd/pages.h"
#include "cmd/verbs.h"

static int run(struct call *c, struct err *e)
{
	const struct verb *v = c->args.n ? verb_need(c->args.at[0], e) : &verb_kist;

	return v ? page_print_help(c->ctx.arena, v, e) : -EINVAL;
}

const struct verb verb_help = {
	.name = "help",
	.summary = "print the help of kist or of one command",
	.operands = { { "[COMMAND]", COMPLETE_VERB } },
	.examples = { { "kist help exec", "The same as kist exec --help." } },
	.run = run,
};
