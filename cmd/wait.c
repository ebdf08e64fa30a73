/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/fd.h"
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

static int wait_for(struct call *c, const char *id, struct err *e)
{
	auto_inst i = INST_NONE;
	auto_fd ear = -1;
	struct inst_end end;
	int64_t heard;
	int r = inst_open(c->ctx.arena, c->data, id, &i, e);

	if (r == -ENOENT)
		return err_set(e, ENOENT, "there is no instance %s (kist list shows all)", id);
	if (!r && i.spec.kist && i.spec.kist->remove)
		r = ear = inst_end_listen(&i, e);
	if (r >= 0)
		r = await(c, id, NULL);
	if (r < 0 && r != -ESRCH && r != -ENOENT)
		return r;
	(void)inst_lock(&i); /* who waited for its end has written down how when the lock is free */
	inst_end_read(&i, &end);
	if (inst_end_hear(ear, &heard))
		end.code = &heard;
	if (!end.code)
		return err_set(e, ENODATA, "instance %s does not run, and nobody saw how it ended", id);
	return verb_print(arena_printf(c->ctx.arena, "%lld\n", (long long)*end.code), e);
}

static int run(struct call *c, struct err *e)
{
	return verb_each(c, wait_for, e);
}

const struct verb verb_wait = {
	.name = "wait",
	.summary = "wait until instances end, and print their exit codes",
	.detail = "One line for each, in the order of the operands: the program's exit code, or 128 and the signal that ended it. "
		  "Of one that has ended already it is that of its last run; one made with --rm must be waited for before it ends.",
	.operands = { { "INSTANCE...", COMPLETE_CONTAINER } },
	.examples = { { "kist wait backup", "As long as it takes." } },
	.run = run,
};
