/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_GROUP_H
#define CGROUPS_GROUP_H
/* Effects on one cgroup.  `mount` is where cgroup v2 is mounted, `path` the cgroup below it. */
#include <sys/types.h>

#include "cgroups/plan.h"

/*
 * Makes the cgroup and its parents, enables controllers, writes the limits.  *fd receives a descriptor of
 * the directory (for CLONE_INTO_CGROUP), or -1 when an optional cgroup is not permitted.  *made: how many
 * levels were made, for cg_remove.  On failure everything is undone.
 */
int cg_make(const struct cg_plan *p, const char *mount, int *fd, unsigned *made, struct err *e);

/* The part of cg_make that `update` repeats: controllers of the ancestors, and the limits. */
int cg_write_plan(const struct cg_plan *p, const char *mount, int dir, struct err *e);
int cg_write_limits(const struct cg_plan *p, int dir, struct err *e);

/*
 * Kills what is left in the cgroup, waits until it is empty, removes it with its sub-cgroups, and up to
 * made-1 empty parents.  A cgroup that is gone is success.
 */
int cg_remove(const char *mount, const char *path, unsigned made, struct err *e);

int cg_kill(const char *mount, const char *path, int sig, struct err *e); /* every process, sub-cgroups too */
typedef LIST_OF(pid_t) cg_pid_list;
int cg_pids(struct arena *a, const char *mount, const char *path, cg_pid_list *out, struct err *e); /* ascending */
bool cg_frozen(const char *mount, const char *path);
#endif
