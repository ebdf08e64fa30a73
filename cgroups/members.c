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
#include "cgroups/mark.h"

enum { AT_ONCE = 64 };

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

	if (r < 0)
		return r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP ? 0 : r;
	if (depth > CG_MOST_LEVELS)
		return -ELOOP;
	copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	d = copy < 0 ? NULL : fdopendir(copy);
	if (!d)
		return -errno;
	for (struct dirent *n = readdir(d); n && r >= 0; n = readdir(d))
		if (n->d_type == DT_DIR && n->d_name[0] != '.') {
			auto_fd sub = fd_open(dir, n->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

			r = sub >= 0 ? walk_pids(a, sub, out, depth + 1) : sub == -ENOENT ? 0 : sub;
		}
	closedir(d);
	return r;
}

typedef bool is_marked(struct cg_place at, const char *id);

static const char *find_below(struct arena *a, int dir, const char *at, const char *id, is_marked *is, int depth)
{
	int copy = depth > CG_MOST_LEVELS ? -1 : fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	const char *found = NULL;

	if (!d)
		return NULL;
	for (struct dirent *n = readdir(d); n && !found; n = readdir(d)) {
		auto_fd sub = n->d_type == DT_DIR && n->d_name[0] != '.' ? fd_open(dir, n->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : -1;
		const char *path = sub < 0 ? NULL : arena_printf(a, "%s/%s", at, n->d_name);

		if (path)
			found = is((struct cg_place){ sub, NULL }, id) ? path : find_below(a, sub, path, id, is, depth + 1);
	}
	closedir(d);
	return found;
}

int cg_find(struct arena *a, const char *mount, const char *id, const char **path, struct err *e)
{
	auto_fd top = fd_open(AT_FDCWD, mount, O_RDONLY | O_DIRECTORY);

	if (top < 0)
		return err_num(e, top, "search %s for the container's cgroup", mount);
	*path = find_below(a, top, "", id, cg_mark_is_trusted, 0);
	if (!*path)
		*path = find_below(a, top, "", id, cg_mark_is, 0);
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

int cg_pids(struct arena *a, const struct cg_own *g, cg_pid_list *out, struct err *e)
{
	auto_fd dir = cg_open_own(g);
	int r;

	*out = (cg_pid_list){ NULL, 0 };
	if (dir == -ENOENT)
		return 0;
	r = dir < 0 ? dir : cg_members(a, dir, out);
	return r < 0 ? err_num(e, r, "list the processes of cgroup %s", g->path) : 0;
}

static bool contains(const cg_pid_list *l, pid_t pid)
{
	return l->len && bsearch(&pid, l->at, l->len, sizeof(*l->at), by_pid);
}

/* A number may pass to another process between reading and signalling: the descriptor is opened first, and whoever is
 * still a member then is the one that it names. */
static int signal_some(int dir, const pid_t *pids, size_t n, int sig, struct err *e)
{
	auto_arena a = { 0 };
	cg_pid_list now;
	int fds[AT_ONCE], r;

	for (size_t i = 0; i < n; i++)
		fds[i] = sys_pidfd_open(pids[i]);
	r = cg_members(&a, dir, &now);
	if (r < 0)
		(void)err_num(e, r, "list the processes of the container");
	for (size_t i = 0; i < n; i++) {
		int sent = r < 0 || !contains(&now, pids[i]) ? 0 : fds[i] < 0 ? fds[i] : sys_pidfd_kill(fds[i], sig);

		fd_done(&fds[i]);
		if (sent < 0 && sent != -ESRCH)
			r = err_num(e, sent, "send signal %d to process %d", sig, pids[i]);
	}
	return r < 0 ? r : 0;
}

/* Few at once: there may be more processes than descriptors. */
static int signal_members(struct arena *a, int dir, int sig, struct err *e)
{
	cg_pid_list all;
	int r = cg_members(a, dir, &all), failed = 0;

	if (r < 0)
		return err_num(e, r, "list the processes of the container");
	for (size_t i = 0; i < all.len; i += AT_ONCE) {
		r = signal_some(dir, all.at + i, all.len - i < AT_ONCE ? all.len - i : AT_ONCE, sig, failed ? NULL : e);
		failed = failed ? failed : r;
	}
	return failed;
}

int cg_kill(const struct cg_own *g, int sig, struct err *e)
{
	auto_arena a = { 0 };
	auto_fd dir = cg_open_own(g);

	if (dir == -ENOENT)
		return 0;
	if (dir < 0)
		return err_num(e, dir, "open cgroup %s", g->path);
	if (sig == SIGKILL && file_poke(dir, "cgroup.kill", "1") == 0)
		return 0;
	return signal_members(&a, dir, sig, e);
}

bool cg_frozen(const struct cg_own *g)
{
	auto_fd dir = cg_open_own(g);
	auto_fd fd = dir < 0 ? -1 : fd_open(dir, "cgroup.freeze", O_RDONLY);
	char c = '0';

	return fd >= 0 && read(fd, &c, 1) == 1 && c == '1';
}
