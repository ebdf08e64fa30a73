/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cmd/verbs.h"
#include "instances/end.h"

static int await(const struct call *c, const char *id, struct err *e)
{
	auto_watch w = { -1, -1, 0 };
	int r = ct_watch(&c->ctx, id, &w, e);

	while (r >= 0 && r != CT_EVENT_END)
		r = ct_wait_event(&w, -1, e);
	return r < 0 ? r : 0;
}

static int wait_for(const struct call *c, const char *id, struct err *e)
{
	auto_inst i = INST_NONE;
	struct inst_end end;
	int r = inst_open(c->ctx.arena, c->data, id, &i, e);

	if (r == -ENOENT)
		return err_set(e, ENOENT, "there is no instance %s (kist list shows all)", id);
	if (!r)
		r = await(c, id, NULL);
	if (r < 0 && r != -ESRCH && r != -ENOENT)
		return r;
	(void)inst_lock(&i); /* who waited for its end has written down how when the lock is free */
	inst_end_read(&i, &end);
	if (!end.code && i.spec.kist && i.spec.kist->remove)
		return err_set(e, ENODATA, "instance %s was made with --rm, and how it ended is gone with it", id);
	if (!end.code)
		return err_set(e, ENODATA, "instance %s does not run, and nobody saw how it ended", id);
	return verb_print(arena_printf(c->ctx.arena, "%lld\n", (long long)*end.code), e);
}

static int run(struct call *c, struct err *e)
{
	int r = 0;

	for (int i = 0; i < c->args.n && !r; i++)
		r = wait_for(c, c->args.at[i], e);
	return r;
}

const struct verb verb_wait = {
	.name = "wait",
	.summary = "wait until instances end, and print their exit codes",
	.detail = "One line for each, in the order of the operands: the program's exit code, or 128 and the signal that ended it. "
		  "Of one that has ended already it is that of its last run; of one made with --rm nothing is kept.",
	.operands = { { "INSTANCE...", COMPLETE_CONTAINER } },
	.examples = { { "kist wait backup", "As long as it takes." } },
	.run = run,
};
