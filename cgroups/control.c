/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/control.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroups/group.h"
#include "cgroups/stats.h"

static int open_dir(const struct cg_own *g, struct err *e)
{
	int dir = cg_open_own(g);

	if (dir == -ENOENT)
		return err_set(e, ENOENT, "the cgroup %s%s of container %s is gone, or belongs to something else by now", g->mount, g->path, g->id);
	return dir < 0 ? err_num(e, dir, "open cgroup %s%s", g->mount, g->path) : dir;
}

int cg_freeze(const struct cg_own *g, bool frozen, struct err *e)
{
	auto_fd dir = open_dir(g, e);
	int r;

	if (dir < 0)
		return dir;
	r = file_poke(dir, "cgroup.freeze", frozen ? "1" : "0");
	if (!r)
		r = cg_wait(dir, frozen ? "frozen 1" : "frozen 0");
	if (r == -ETIMEDOUT && frozen) {
		(void)file_poke(dir, "cgroup.freeze", "0");
		return err_set(e, ETIMEDOUT, "freeze cgroup %s: a process in it is stuck in the kernel and did not stop within 10 s", g->path);
	}
	return r < 0 ? err_num(e, r, "%s cgroup %s", frozen ? "freeze" : "thaw", g->path) : 0;
}

int cg_update(struct arena *a, const struct cg_plan *p, const struct cg_own *g, struct err *e)
{
	auto_fd dir = open_dir(g, e);
	int r = dir < 0 ? dir : cg_enable(p, g->mount, g->path, e);

	if (!r)
		r = cg_write_limits(p, dir, true, e);
	return r ? r : cg_replace_devices(a, dir, &p->devices, e);
}

int cg_check_memory(const struct cg_own *g, int64_t limit, struct err *e)
{
	auto_arena a = { 0 };
	struct cg_stats s;
	int r = limit <= 0 ? 1 : cg_read_stats(&a, g, &s, e);

	if (r)
		return r < 0 ? r : 0;
	if (s.memory.usage != CG_UNKNOWN && s.memory.usage > (uint64_t)limit)
		return err_set(e, EBUSY, "memory.limit %" PRId64 " is below the %" PRIu64 " bytes in use, and checkBeforeUpdate is set", limit,
			       s.memory.usage);
	return 0;
}

int cg_open_events(const struct cg_own *g)
{
	auto_fd dir = cg_open_own(g);

	return dir < 0 ? dir : fd_open(dir, "memory.events", O_RDONLY);
}

int cg_open_parent_events(const struct cg_own *g)
{
	auto_fd dir = cg_open_own(g);

	return dir < 0 ? dir : fd_open(dir, "../memory.events", O_RDONLY);
}

int cg_oom_kills(int events, uint64_t *out)
{
	static const char key[] = "\noom_kill ";
	char buf[512];
	ssize_t n = pread(events, buf, sizeof(buf) - 1, 0);
	const char *at;

	if (n < 0)
		return -errno;
	buf[n] = 0;
	at = strstr(buf, key);
	if (!at)
		return -ENODATA;
	*out = strtoull(at + strlen(key), NULL, 10);
	return 0;
}

bool cg_was_oom(const struct cg_own *g)
{
	auto_fd events = cg_open_events(g);
	uint64_t kills;

	return events >= 0 && cg_oom_kills(events, &kills) == 0 && kills > 0;
}
