/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"

static int run(struct call *c, struct err *e)
{
	return ct_pause(&c->ctx, c->args.at[0], e);
}

const struct verb verb_pause = {
	.name = "pause",
	.summary = "stop all processes of a container where they are",
	.detail = "Returns when every process of the container stands still. They keep their memory, "
		  "files and connections, and notice nothing but the time that has passed. The status "
		  "of the container is \"paused\" until \"kist resume\"; a signal of \"kist kill\" "
		  "arrives then, KILL at once.",
	.operands = { { "ID", COMPLETE_CONTAINER } },
	.examples = { { "kist pause dns1", "Stop dns1, for instance while its files are copied." } },
	.run = run,
};
