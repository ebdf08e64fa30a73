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

static int open_dir(const char *mount, const char *path, struct err *e)
{
	int dir = cg_open(mount, path);

	return dir < 0 ? err_num(e, dir, "open cgroup %s%s", mount, path) : dir;
}

int cg_freeze(const char *mount, const char *path, bool frozen, struct err *e)
{
	auto_fd dir = open_dir(mount, path, e);
	int r;

	if (dir < 0)
		return dir;
	r = file_poke(dir, "cgroup.freeze", frozen ? "1" : "0");
	if (!r)
		r = cg_wait(dir, frozen ? "frozen 1" : "frozen 0");
	if (r == -ETIMEDOUT && frozen) {
		(void)file_poke(dir, "cgroup.freeze", "0");
		return err_set(e, ETIMEDOUT, "freeze cgroup %s: a process in it is stuck in the kernel and did not stop within 10 s", path);
	}
	return r < 0 ? err_num(e, r, "%s cgroup %s", frozen ? "freeze" : "thaw", path) : 0;
}

int cg_update(struct arena *a, const struct cg_plan *p, const char *mount, struct err *e)
{
	auto_fd dir = open_dir(mount, p->path, e);
	int r = dir < 0 ? dir : cg_write_plan(p, mount, p->path, dir, e);

	return r ? r : cg_replace_devices(a, dir, &p->devices, e);
}

int cg_check_memory(const char *mount, const char *path, int64_t limit, struct err *e)
{
	auto_arena a = { 0 };
	struct cg_stats s;
	int r = limit < 0 ? 1 : cg_read_stats(&a, mount, path, &s, e);

	if (r)
		return r < 0 ? r : 0;
	if (s.memory.usage != CG_UNKNOWN && s.memory.usage > (uint64_t)limit)
		return err_set(e, EBUSY, "memory.limit %" PRId64 " is below the %" PRIu64 " bytes in use, and checkBeforeUpdate is set", limit,
			       s.memory.usage);
	return 0;
}

int cg_open_events(const char *mount, const char *path)
{
	auto_arena a = { 0 };

	return fd_open(AT_FDCWD, arena_printf(&a, "%s%s/memory.events", mount, path), O_RDONLY);
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

bool cg_was_oom(const char *mount, const char *path)
{
	auto_fd events = cg_open_events(mount, path);
	uint64_t kills;

	return events >= 0 && cg_oom_kills(events, &kills) == 0 && kills > 0;
}
