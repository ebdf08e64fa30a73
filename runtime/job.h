/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_JOB_H
#define RUNTIME_JOB_H
/*
 * What a child is to do.  The child is a fork of the runtime, so the job is already in its memory; what
 * happens meanwhile comes over the channel.
 */
#include "oci/state.h"
#include "runtime/chan.h"
#include "runtime/filter.h"
#include "runtime/plan.h"

enum child_role { CHILD_INIT, CHILD_EXEC };

struct child_job {
	enum child_role role;
	const struct plan *plan;	 /* INIT; EXEC: only .id is valid */
	const struct process_plan *process;
	struct filter filter;
	const struct oci_state *state;	 /* INIT: for hooks, pid filled in later */
	int listener;			 /* INIT: the start socket of create; -1 for run */
	int join_pidfd, join;		 /* EXEC: whose namespaces, which kinds; with pid among them a stage joins */
	int netns;			 /* INIT: of another container, opened here; the plan's path names the descriptor; else -1 */
	int init;			 /* INIT: the program file of kist's own init; else -1 */
	int join_root;			 /* EXEC: of a container that is only chrooted; else -1 */
	uint64_t ignored;		 /* signals that the program must not find ignored */
	bool enter_userns;		 /* EXEC: become root there before anything else */
};
#endif
