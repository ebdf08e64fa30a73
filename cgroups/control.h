/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_CONTROL_H
#define CGROUPS_CONTROL_H
/* Changes of a cgroup that has processes. */
#include "cgroups/plan.h"

/* Returns when every process is stopped or runs again; -ETIMEDOUT with a sentence after 10 s, and thawed again. */
int cg_freeze(const char *mount, const char *path, bool frozen, struct err *e);
/* Enables what is missing (p->controllers) and writes the limits of a plan to the cgroup as it is. */
int cg_update(struct arena *a, const struct cg_plan *p, const char *mount, struct err *e);
/* checkBeforeUpdate: refuses a memory limit below what is used now. */
int cg_check_memory(const char *mount, const char *path, int64_t limit, struct err *e);
/* memory.events, for poll(2) with POLLPRI; -ENOENT without the controller. */
int cg_open_events(const char *mount, const char *path);
/* Processes that the OOM killer ended below the cgroup; negative when it or the file is gone. */
int cg_oom_kills(int events, uint64_t *out);
bool cg_was_oom(const char *mount, const char *path); /* ever, in the life of the cgroup */
#endif
