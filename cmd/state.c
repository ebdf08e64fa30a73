/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"
#include "instances/life.h"

static int run(struct call *c, struct err *e)
{
	struct oci_state state = { 0 };
	int r = inst_state(&c->ctx, c->data, c->args.at[0], &state, e);

	if (r < 0)
		return r;
	return verb_print(oci_encode_text(c->ctx.arena, &oci_state_object, &state, JSON_PRETTY, NULL), e);
}

const struct verb verb_state = {
	.name = "state",
	.summary = "print the state of a container as JSON",
	.detail = "The document is the one of the OCI runtime specification, with \"rootfs\", "
		  "\"created\" and \"owner\" added, and \"image\" of an instance. The status is creating, created, running, paused "
		  "or stopped; a stopped container has pid 0. An instance that has ended has \"exitCode\" and \"finished\", too, unless "
		  "the process that waited for its end was killed.",
	.operands = { { "ID", COMPLETE_CONTAINER } },
	.examples = { { "kist state dns1", "Print everything." },
		      { "kist state dns1 | jq -r .status", "Print the status alone." } },
	.run = run,
};
