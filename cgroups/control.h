/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_CONTROL_H
#define CGROUPS_CONTROL_H
/* Changes of a cgroup that has processes. */
#include "cgroups/group.h"

/* Returns when every process is stopped or runs again; -ETIMEDOUT with a sentence after 10 s, and thawed again. */
int cg_freeze(const struct cg_own *g, bool frozen, struct err *e);
/* Enables what is missing (p->controllers) and writes the limits of a plan to the cgroup as it is; all or none. */
int cg_update(struct arena *a, const struct cg_plan *p, const struct cg_own *g, struct err *e);
/* checkBeforeUpdate: refuses a memory limit below what is used now. */
int cg_check_memory(const struct cg_own *g, int64_t limit, struct err *e);
/* memory.events, for poll(2) with POLLPRI; -ENOENT without the controller. */
int cg_open_events(const struct cg_own *g);
int cg_open_parent_events(const struct cg_own *g); /* of the cgroup above it */
/* Processes that the OOM killer ended below the cgroup; negative when it or the file is gone. */
int cg_oom_kills(int events, uint64_t *out);
bool cg_was_oom(const struct cg_own *g); /* ever, in the life of the cgroup */
#endif
