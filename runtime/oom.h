/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_OOM_H
#define RUNTIME_OOM_H
/*
 * Whether the OOM killer was at a container that is waited for.  systemd removes the cgroup of a scope, with its counters,
 * as soon as it is empty, and may be faster than we are; the counter of the slice above it has the same kills in it
 * (cgroup-v2.rst, memory.events is hierarchical) and stays.
 */
#include "runtime/record.h"

struct oom_watch {
	int own, slice;	 /* memory.events, or -1 */
	uint64_t before; /* kills in the slice so far */
};
#define OOM_NONE { -1, -1, 0 }
void oom_done(struct oom_watch *w);
#define auto_oom __attribute__((cleanup(oom_done))) struct oom_watch

/* Before its program starts. */
void oom_begin(struct oom_watch *w, const struct ct_record *r);
/* Says so when the counters do, after its end by SIGKILL; `seen`: what its own counter said while it could be read. */
void oom_tell(const struct oom_watch *w, const struct ct_record *r, uint64_t seen);
#endif
