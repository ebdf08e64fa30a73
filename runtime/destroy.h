/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_DESTROY_H
#define RUNTIME_DESTROY_H
#include "runtime/record.h"
/* The end of a container: cgroup, state directory, poststop hooks, in that order (runtime.md, "Lifecycle" 12-13). */

/* Kills what is left in the cgroup and removes it, with its scope; gives its addresses back. */
int destroy_outside(const struct ct_ctx *c, const struct ct_record *r, struct err *e);
/* The lock is held; nothing of the container runs any more, or it is killed through its cgroup. */
int destroy(const struct ct_ctx *c, int dir, const struct ct_record *r, struct err *e);
/* For `run`, which held `dir` all the time: takes the lock, and does nothing when somebody else was faster,
 * even if a new container has the same id by now. */
int destroy_own(const struct ct_ctx *c, int dir, const struct ct_record *r, struct err *e);
#endif
