/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/stage.h"

#include <unistd.h>

#include "base/sys.h"
#include "namespaces/enter.h"
#include "runtime/child.h"
#include "runtime/steps.h"

static pid_t clone_init(const struct child_job *job, int chan)
{
	struct clone_args args = { .flags = CLONE_PARENT | (uint64_t)job->plan->ns.make };
	pid_t pid = sys_clone3(&args);

	if (pid == 0)
		child_main(job, chan);
	return pid;
}

static int stage_join(const struct child_job *job, const struct chan *c, struct err *e)
{
	const struct ns_plan *ns = &job->plan->ns;
	int r;

	if (job->role == CHILD_EXEC)
		return child_join_kinds(job, e);
	r = ns->stage_make ? chan_expect(c, MSG_MAPPED, NULL, e) : 0;
	if (!r)
		r = ns_join_all(ns, e);
	return r || !(ns->stage_leave & CLONE_NEWTIME) ? r : ns_new_time(ns, e);
}

static int stage(const struct child_job *job, const struct chan *c, struct err *e)
{
	int pid, r = stage_join(job, c, e);
	struct chan_load load = { .data = &pid, .len = sizeof(pid) };

	if (r)
		return r;
	pid = clone_init(job, c->fd);
	if (pid < 0)
		return err_num(e, pid, "make the namespaces");
	return chan_send(c, MSG_BORN, &load, e);
}

void stage_main(const struct child_job *job, int chan)
{
	struct chan c = { chan, CHILD };
	struct err e = { 0 };

	if (stage(job, &c, &e) < 0) {
		chan_fail(&c, &e);
		_exit(127);
	}
	_exit(0);
}
