/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/create.h"

static const struct opt rows[] = { CREATE_ROWS };

int create_begin(const struct call *c, struct ct_create *o, struct err *e)
{
	struct text plan = { .arena = c->ctx.arena };
	int r;

	o->id = c->args.at[0];
	if (!o->dry_run)
		return 0;
	r = ct_explain(&c->ctx, o, &plan, e);
	if (r >= 0)
		r = verb_print(text_str(&plan), e);
	return r < 0 ? r : 1;
}

static int run(struct call *c, struct err *e)
{
	struct ct_create *o = c->opts;
	int r = create_begin(c, o, e);

	return r ? r : ct_create(&c->ctx, o, e);
}

const struct verb verb_create = {
	.name = "create",
	.summary = "set up a container that waits for \"kist start\"",
	.detail = "Reads config.json from the bundle, makes the namespaces, the cgroup, the mounts "
		  "and everything else it asks for, and leaves the container's first process waiting "
		  "just before its program. Whatever fails is undone.\n\n"
		  "Standard input, output and error of kist become those of the container.",
	.operands = { { "ID", COMPLETE_NONE } },
	.examples = {
		{ "kist create --bundle /srv/dns dns1", "Set up dns1 from /srv/dns/config.json." },
		{ "kist create --pid-file /run/dns1.pid -b /srv/dns dns1", "The same, and record the pid." },
		{ "kist create --dry-run -b /srv/dns dns1", "Print what would be done." },
	},
	OPTS(struct ct_create, rows),
	.run = run,
};
