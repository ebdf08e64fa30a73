/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/oom.h"

#include <inttypes.h>

#include "base/fd.h"
#include "base/log.h"
#include "cgroups/control.h"

void oom_done(struct oom_watch *w)
{
	fd_done(&w->own);
	fd_done(&w->slice);
}

void oom_begin(struct oom_watch *w, const struct ct_record *r)
{
	struct cg_own g = record_cgroup(r);

	if (!r->unit) /* a cgroup of our own stays until we remove it */
		return;
	w->own = cg_open_events(&g);
	w->slice = cg_open_parent_events(&g);
	(void)cg_oom_kills(w->slice, &w->before);
}

/* The counters do not say whom: it may have been another process than the one whose end this is. */
void oom_tell(const struct oom_watch *w, const struct ct_record *r, uint64_t seen)
{
	struct cg_own g = record_cgroup(r);
	auto_fd events = cg_open_events(&g);
	uint64_t in_slice = w->before;

	if (events >= 0)
		(void)cg_oom_kills(events, &seen);
	else
		(void)cg_oom_kills(w->slice, &in_slice);
	if (seen)
		log_line(LOG_ERROR, "container %s ran out of memory: the kernel killed %" PRIu64 " of its processes for want of it (see its limit, memory.max)",
			 r->id, seen);
	else if (in_slice > w->before)
		log_line(LOG_ERROR, "container %s ran out of memory, it seems: the kernel killed %" PRIu64 " processes in its slice for want of it while it ran, "
				    "and systemd has removed the container's own counter", r->id, in_slice - w->before);
}
