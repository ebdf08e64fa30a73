/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_GROUP_H
#define CGROUPS_GROUP_H
/* Effects on one cgroup.  `mount` is where cgroup v2 is mounted, `path` the cgroup below it. */
#include <sys/types.h>

#include "cgroups/plan.h"

/*
 * Makes the cgroup and its parents, marks them as the container's, enables controllers, writes the limits.  One that
 * exists is taken only when it is nobody's: no process and no cgroup in it, no mark.  *fd receives a descriptor of the
 * directory (for CLONE_INTO_CGROUP), or -1 when an optional cgroup is not permitted.  On failure all is undone.
 */
int cg_make(const struct cg_plan *p, const char *mount, const char *id, int *fd, struct err *e);
int cg_open(const char *mount, const char *path); /* the directory; -errno */
/* A container's cgroup as its record has it, which may be older than the truth. */
struct cg_own {
	const char *mount, *path, *id;
};
/* The directory when it carries the container's mark, else -ENOENT; without a sentence. */
int cg_open_own(const struct cg_own *g);
/* Until cgroup.events has the words ("populated 0"): the kernel signals a change as POLLPRI.  -ETIMEDOUT after 10 s. */
int cg_wait(int dir, const char *words);
int cg_mark(int dir, const char *id, struct err *e); /* for one that systemd has made; of two takers one gets -EBUSY */
/*
 * Makes `owner` (a uid of the host) the owner of the directory and of the files that may be delegated, and of no other:
 * limits stay ours (config-linux.md, "Cgroup ownership").
 */
int cg_give(struct arena *a, int dir, uint32_t owner, struct err *e);

/* The parts of cg_make that others repeat: controllers of the ancestors, and the limits; with `undo` a failure leaves the
 * values that were there. */
int cg_enable(const struct cg_plan *p, const char *mount, const char *path, struct err *e);
int cg_write_limits(const struct cg_plan *p, int dir, bool undo, struct err *e);

/*
 * Kills what is left in the cgroup, waits until it is empty, removes it with its sub-cgroups, and the empty parents that
 * kist made.  One that is gone, or by now somebody else's, is left alone, which is success.
 */
enum cg_removal { CG_GONE, CG_REMOVED, CG_FOREIGN };
int cg_remove(const struct cg_own *g, struct err *e);

/* Searches the whole hierarchy for the container's mark; *path is NULL when nobody carries it. */
int cg_find(struct arena *a, const char *mount, const char *id, const char **path, struct err *e);

/* Every process of the container, sub-cgroups too; nobody when the cgroup is not the container's. */
int cg_kill(const struct cg_own *g, int sig, struct err *e);
typedef LIST_OF(pid_t) cg_pid_list;
int cg_pids(struct arena *a, const struct cg_own *g, cg_pid_list *out, struct err *e); /* ascending */
/* Whoever it belongs to; -errno, -ELOOP below CG_MOST_LEVELS, which a container that owns its cgroup cannot reach. */
enum { CG_MOST_LEVELS = 256 };
int cg_members(struct arena *a, int dir, cg_pid_list *out);
bool cg_frozen(const struct cg_own *g);
#endif
