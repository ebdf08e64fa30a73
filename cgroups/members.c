/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a cgroup: listing and signalling. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "cgroups/group.h"

enum { MOST_LEVELS = 256 };

static int add_pids(struct arena *a, int dir, cg_pid_list *out)
{
	char *text, *p;
	int r = file_read(a, dir, "cgroup.procs", 16 << 20, &text, NULL);

	if (r < 0)
		return r;
	for (p = text; *p; p += strspn(p, "\n")) {
		pid_t pid = (pid_t)strtol(p, &p, 10);

		/* 0 stands for a process outside of our own pid namespace: to kill(2) it would mean ourselves. */
		if (pid <= 0)
			continue;
		out->at = arena_grow(a, out->at, out->len, sizeof(*out->at));
		out->at[out->len++] = pid;
	}
	return 0;
}

static int walk_pids(struct arena *a, int dir, cg_pid_list *out, int depth)
{
	int r = add_pids(a, dir, out), copy;
	DIR *d;

	if (r < 0 || depth > MOST_LEVELS)
		return r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP ? 0 : r;
	copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	d = copy < 0 ? NULL : fdopendir(copy);
	if (!d)
		return -errno;
	for (struct dirent *n = readdir(d); n; n = readdir(d))
		if (n->d_type == DT_DIR && n->d_name[0] != '.') {
			auto_fd sub = fd_open(dir, n->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

			if (sub >= 0)
				(void)walk_pids(a, sub, out, depth + 1);
		}
	closedir(d);
	return 0;
}

static const char *find_below(struct arena *a, int dir, const char *at, const char *id, int depth)
{
	int copy = depth > MOST_LEVELS ? -1 : fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	const char *found = NULL;

	if (!d)
		return NULL;
	for (struct dirent *n = readdir(d); n && !found; n = readdir(d)) {
		auto_fd sub = n->d_type == DT_DIR && n->d_name[0] != '.' ? fd_open(dir, n->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : -1;
		const char *path = sub < 0 ? NULL : arena_printf(a, "%s/%s", at, n->d_name);

		if (path)
			found = cg_is_marked(sub, id) ? path : find_below(a, sub, path, id, depth + 1);
	}
	closedir(d);
	return found;
}

int cg_find(struct arena *a, const char *mount, const char *id, const char **path, struct err *e)
{
	auto_fd top = fd_open(AT_FDCWD, mount, O_RDONLY | O_DIRECTORY);

	if (top < 0)
		return err_num(e, top, "search %s for the container's cgroup", mount);
	*path = find_below(a, top, "", id, 0);
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int cg_members(struct arena *a, int dir, cg_pid_list *out)
{
	int r;

	*out = (cg_pid_list){ NULL, 0 };
	r = walk_pids(a, dir, out, 0);
	if (r >= 0 && out->len)
		qsort(out->at, out->len, sizeof(*out->at), by_pid);
	return r;
}

int cg_pids(struct arena *a, const char *mount, const char *path, const char *id, cg_pid_list *out, struct err *e)
{
	auto_fd dir = cg_open(mount, path);
	int r;

	*out = (cg_pid_list){ NULL, 0 };
	if (dir == -ENOENT || (dir >= 0 && !cg_is_marked(dir, id)))
		return 0;
	r = dir < 0 ? dir : cg_members(a, dir, out);
	return r < 0 ? err_num(e, r, "list the processes of cgroup %s", path) : 0;
}

/* A number may pass to another process between reading and signalling: the descriptor is opened first, and whoever is
 * still a member then is the one that it names. */
static int signal_members(struct arena *a, int dir, int sig, struct err *e)
{
	cg_pid_list before, now;
	int r = cg_members(a, dir, &before), *fds;

	if (r < 0)
		return err_num(e, r, "list the processes of the container");
	fds = arena_array(a, before.len, sizeof(*fds));
	for (size_t i = 0; i < before.len; i++)
		fds[i] = sys_pidfd_open(before.at[i]);
	r = cg_members(a, dir, &now);
	for (size_t i = 0; i < before.len; i++) {
		bool member = r >= 0 && now.len && bsearch(&before.at[i], now.at, now.len, sizeof(*now.at), by_pid);
		int sent = fds[i] < 0 || !member ? 0 : sys_pidfd_kill(fds[i], sig);

		fd_done(&fds[i]);
		if (sent < 0 && sent != -ESRCH)
			r = err_num(e, sent, "send signal %d to process %d", sig, before.at[i]);
	}
	return r < 0 ? r : 0;
}

int cg_kill(const char *mount, const char *path, const char *id, int sig, struct err *e)
{
	auto_arena a = { 0 };
	auto_fd dir = cg_open(mount, path);

	if (dir == -ENOENT || (dir >= 0 && !cg_is_marked(dir, id)))
		return 0;
	if (dir < 0)
		return err_num(e, dir, "open cgroup %s", path);
	if (sig == SIGKILL && file_poke(dir, "cgroup.kill", "1") == 0)
		return 0;
	return signal_members(&a, dir, sig, e);
}

bool cg_frozen(const char *mount, const char *path)
{
	auto_fd dir = cg_open(mount, path);
	auto_fd fd = dir < 0 ? -1 : fd_open(dir, "cgroup.freeze", O_RDONLY);
	char c = '0';

	return fd >= 0 && read(fd, &c, 1) == 1 && c == '1';
}
