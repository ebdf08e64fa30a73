/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cmd/pages.h"
#include "cmd/verbs.h"

static int run(struct call *c, struct err *e)
{
	const struct verb *v = &verb_kist;

	for (int i = 0; i < c->args.n && v; i++) {
		if (!v->subs)
			return err_set(e, EINVAL, "help: %s has no commands of its own",
				       opts_title(c->ctx.arena, v));
		v = verb_need(c->ctx.arena, v, c->args.at[i], e);
	}
	return v ? page_print_help(c->ctx.arena, v, e) : -EINVAL;
}

const struct verb verb_help = {
	.name = "help",
	.summary = "print the help of kist or of one command",
	.operands = { { "[COMMAND...]", COMPLETE_VERB } },
	.examples = { { "kist help exec", "The same as kist exec --help." } },
	.run = run,
};
