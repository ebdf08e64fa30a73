/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroups/group.h"
#include "cgroups/mark.h"
#include "cgroups/path.h"

/* 1 or 0: whether cgroup.events has the words (cgroup-v2.rst); the root cgroup has no such file, and no words. */
static int events_say(int events, const char *words)
{
	char buf[256];
	ssize_t n = pread(events, buf, sizeof(buf) - 1, 0);

	if (n < 0)
		return -errno;
	buf[n] = 0;
	return strstr(buf, words) != NULL;
}

int cg_wait(int dir, const char *words)
{
	auto_fd events = fd_open(dir, "cgroup.events", O_RDONLY);
	struct pollfd p = { events, POLLPRI, 0 };
	int said = events;

	for (int left = 100; events >= 0 && (said = events_say(events, words)) == 0; left--) {
		if (!left)
			return -ETIMEDOUT;
		poll(&p, 1, 100);
	}
	return said < 0 ? said : 0;
}

bool cg_says(int dir, const char *words)
{
	auto_fd events = fd_open(dir, "cgroup.events", O_RDONLY);

	return events >= 0 && events_say(events, words) == 1;
}

/* Upwards from what is gone: every parent that kist made and nobody uses. */
void cg_remove_parents(char *path, size_t mount_len)
{
	for (;;) {
		char *slash = strrchr(path, '/');

		*slash = 0;
		if (strlen(path) <= mount_len || !cg_mark_is(cg_by_path(path), CG_PARENT) || rmdir(path) < 0)
			return;
	}
}

/* Children first, without recursion: what was made inside may be as deep as it likes.  Goes down to the first child
 * that cannot be removed yet, and up again when there is none. */
static int remove_children(int top)
{
	auto_fd dir = fd_open(top, ".", O_RDONLY | O_DIRECTORY);
	long depth = 0;

	for (long steps = 0; dir >= 0 && steps < 1000000; steps++) {
		int copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY), next = -1;
		DIR *d = copy < 0 ? NULL : fdopendir(copy);

		if (!d)
			return -errno;
		for (struct dirent *n = readdir(d); n && next < 0; n = readdir(d))
			if (n->d_type == DT_DIR && n->d_name[0] != '.' && unlinkat(dir, n->d_name, AT_REMOVEDIR) < 0 && errno == EBUSY)
				next = fd_open(dir, n->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		closedir(d);
		if (next < 0 && depth == 0)
			return 0;
		depth += next < 0 ? -1 : 1;
		if (next < 0)
			next = fd_open(dir, "..", O_RDONLY | O_DIRECTORY);
		close(dir);
		dir = next;
	}
	return dir < 0 ? dir : -EBUSY;
}

static int empty(const char *path, struct err *e)
{
	auto_fd dir = fd_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	int r;

	if (dir < 0)
		return dir == -ENOENT ? 0 : err_num(e, dir, "open cgroup %s", path);
	(void)file_poke(dir, "cgroup.kill", "1");
	r = cg_wait(dir, "populated 0");
	if (r == -ETIMEDOUT)
		return err_set(e, EBUSY, "cgroup %s still has processes 10 s after they were killed: they are stuck in the kernel", path);
	r = remove_children(dir);
	return r < 0 ? err_num(e, r, "remove the cgroups below %s", path) : 0;
}

/* "populated 0" comes a moment before the last task has left (kernel/cgroup/cgroup.c, cgroup_task_dead). */
static int remove_emptied(const char *path)
{
	for (int tries = 0;; tries++) {
		if (rmdir(path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY || tries == 200)
			return -errno;
		poll(NULL, 0, 10);
	}
}

static int remove_used(char *full, const char *id, struct err *e)
{
	int r;

	if (!cg_mark_is(cg_by_path(full), id))
		return CG_FOREIGN;
	r = empty(full, e);
	if (r < 0)
		return r;
	r = remove_emptied(full);
	return r < 0 ? err_num(e, r, "remove cgroup %s", full) : CG_REMOVED;
}

int cg_remove(const struct cg_own *g, struct err *e)
{
	char full[PATH_MAX];
	int r = cg_full_path(full, sizeof(full), g->mount, g->path);

	if (r < 0)
		return err_num(e, r, "remove cgroup %s", g->path);
	/* An empty one without a mark was ours too, when kist was killed between making and marking it. */
	if (cg_mark_is_of_another(cg_by_path(full), g->id))
		return CG_FOREIGN;
	r = rmdir(full) == 0 ? CG_REMOVED : errno == ENOENT ? CG_GONE : -errno;
	if (r == -EBUSY)
		r = remove_used(full, g->id, e);
	else if (r < 0)
		return err_num(e, r, "remove cgroup %s", full);
	if (r == CG_GONE || r == CG_REMOVED)
		cg_remove_parents(full, strlen(g->mount));
	return r;
}
