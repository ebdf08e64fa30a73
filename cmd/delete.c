/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"
#include "instances/life.h"

struct delete_opts {
	bool force;
};

static const struct opt rows[] = {
	O_FLAG(struct delete_opts, force, 'f', "force",
	       "kill what still runs; no container of that name is no error"),
};

static int delete(struct call *c, const char *id, struct err *e)
{
	const struct delete_opts *o = c->opts;

	return inst_delete(&c->ctx, c->data, id, o->force, e);
}

static int run(struct call *c, struct err *e)
{
	return verb_each(c, delete, e);
}

const struct verb verb_delete = {
	.name = "delete",
	.summary = "remove stopped or merely created containers, or instances",
	.detail = "Runs the poststop hooks and removes the cgroup and the record. The bundle is left "
		  "alone; of an instance goes all that it has written, but its named volumes. With --force it also ends a running container, and clears what a kist that "
		  "was killed half-way left behind.",
	.operands = { { "ID...", COMPLETE_CONTAINER } },
	.examples = { { "kist delete dns1", "Remove dns1, which has ended." },
		      { "kist delete --force dns1", "Remove dns1, whatever its state." } },
	OPTS(struct delete_opts, rows),
	.run = run,
};
