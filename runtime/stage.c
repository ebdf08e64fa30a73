/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child is born into namespaces where others may already be, some of them allowed to trace: before that the stage
 * stands in the container's root, holds nothing of the host's, and keeps only the capabilities that the way down needs.
 */
#include "runtime/stage.h"

#include <linux/capability.h>
#include <sys/prctl.h>
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

/* To become the user, own the streams, raise limits, drop the rest; an early filter needs one more. */
static int shrink(const struct child_job *job, struct err *e)
{
	uint64_t keep = job->process->caps.permitted | 1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_SETPCAP | 1ULL << CAP_CHOWN |
			1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_SYS_RESOURCE | 1ULL << CAP_SYS_NICE;

	if (child_filters_early(job) || child_has_label(job->process->spec) || job->join_root >= 0)
		keep |= 1ULL << CAP_SYS_ADMIN | 1ULL << CAP_SYS_CHROOT;
	return caps_shrink(keep, e);
}

static int join_for_exec(const struct child_job *job, struct err *e)
{
	int r = child_join_kinds(job, e);

	close(job->join_pidfd);
	return r ? r : shrink(job, e);
}

static int stage_join(const struct child_job *job, const struct chan *c, struct err *e)
{
	const struct ns_plan *ns = &job->plan->ns;
	auto_ns_time time = { -1 };
	int r;

	if (job->role == CHILD_EXEC)
		return join_for_exec(job, e);
	r = ns->stage_make ? chan_expect(c, MSG_MAPPED, NULL, e) : 0;
	if (!r && ns->stage_leave & CLONE_NEWTIME)
		r = ns_open_time(ns, &time, e);
	if (!r)
		r = ns_join_all(ns, e);
	return r || !(ns->stage_leave & CLONE_NEWTIME) ? r : ns_new_time(ns, &time, e);
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

	child_close_others(job, chan);
	/* An unprivileged parent opens our /proc files to write the maps; anybody else needs nothing there. */
	if (!job->plan->ns.stage_make)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (stage(job, &c, &e) < 0) {
		chan_fail(&c, &e);
		_exit(127);
	}
	_exit(0);
}
