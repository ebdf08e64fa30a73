/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/group.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

static int full_path(char *out, size_t size, const char *mount, const char *path)
{
	return snprintf(out, size, "%s%s", mount, path) < (int)size ? 0 : -ENAMETOOLONG;
}

static char *parent(char *path)
{
	char *slash = strrchr(path, '/');

	*slash = 0;
	return path;
}

static void remove_levels(char *path, unsigned levels)
{
	while (levels-- && rmdir(path) == 0)
		parent(path);
}

/* Another kist may remove an empty parent between our steps: then the whole walk is done again. */
static int make_levels(char *path, size_t mount_len, unsigned *made)
{
	for (int tries = 0; tries < 100; tries++) {
		if (mkdir(path, 0755) == 0) {
			++*made;
			return 0;
		}
		if (errno == EEXIST)
			return 0;
		if (errno != ENOENT || strlen(path) <= mount_len)
			return -errno;
		{
			char *slash = strrchr(path, '/');
			int r;

			*slash = 0;
			r = make_levels(path, mount_len, made);
			*slash = '/';
			if (r < 0)
				return r;
		}
	}
	return -ENOENT;
}

static int enable_controllers(const char *mount, const char *path, const char *words, struct err *e)
{
	for (const char *p = path; p; p = strchr(p + 1, '/')) {
		char file[PATH_MAX];
		int r;

		snprintf(file, sizeof(file), "%s%.*s/cgroup.subtree_control", mount, (int)(p - path), path);
		r = file_poke(AT_FDCWD, file, words);
		if (r == -EBUSY)
			return err_set(e, EBUSY,
				       "enable %s in %s: the cgroup has processes of its own, and cgroup v2 then lets no controller pass; "
				       "choose another linux.cgroupsPath",
				       words, file);
		if (r < 0)
			return err_num(e, r, "enable %s in %s", words, file);
	}
	return 0;
}

int cg_write_limits(const struct cg_plan *p, int dir, struct err *e)
{
	for (size_t i = 0; i < p->limits.len; i++) {
		const struct cg_limit *l = &p->limits.at[i];
		int r = file_poke(dir, l->file, l->value);

		if (r == -ENOENT)
			return err_set(e, ENOENT, "%s = %s: this kernel has no file %s", l->from, l->value, l->file);
		if (r < 0)
			return err_num(e, r, "%s: write \"%s\" to %s", l->from, l->value, l->file);
	}
	return 0;
}

int cg_write_plan(const struct cg_plan *p, const char *mount, int dir, struct err *e)
{
	int r = p->controllers ? enable_controllers(mount, p->path, p->controllers, e) : 0;

	return r ? r : cg_write_limits(p, dir, e);
}

static int check_empty(int dir, const char *path, struct err *e)
{
	auto_fd procs = fd_open(dir, "cgroup.procs", O_RDONLY);
	char c;

	if (procs >= 0 && read(procs, &c, 1) > 0)
		return err_set(e, EBUSY, "cgroup %s has processes already: it belongs to something else, or to a container that was not deleted", path);
	return 0;
}

int cg_make(const struct cg_plan *p, const char *mount, int *fd, unsigned *made, struct err *e)
{
	char path[PATH_MAX];
	auto_fd dir = -1;
	int r = full_path(path, sizeof(path), mount, p->path);

	*made = 0;
	*fd = -1;
	if (!r)
		r = make_levels(path, strlen(mount), made);
	if (r < 0) {
		remove_levels(path, *made);
		*made = 0;
		return p->optional ? 0 : err_num(e, r, "make cgroup %s", path);
	}
	dir = fd_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		r = err_num(e, dir, "open cgroup %s", path);
	if (!r && !*made)
		r = check_empty(dir, path, e);
	if (!r)
		r = cg_write_plan(p, mount, dir, e);
	if (!r) {
		*fd = take_fd(&dir);
		return 0;
	}
	remove_levels(path, *made);
	*made = 0;
	return r;
}

/* Children first; the kernel refuses to remove a cgroup that has any. */
static int remove_tree(int parent_fd, const char *name, int depth)
{
	auto_fd dir = -1;
	DIR *d;
	int copy;

	if (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY || depth > 64)
		return -errno;
	dir = fd_open(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	d = copy < 0 ? NULL : fdopendir(copy);
	if (!d)
		return -errno;
	for (struct dirent *n = readdir(d); n; n = readdir(d))
		if (n->d_type == DT_DIR && n->d_name[0] != '.')
			(void)remove_tree(dir, n->d_name, depth + 1);
	closedir(d);
	return unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

/* Waits for "populated 0": the kernel signals a change of cgroup.events as POLLPRI. */
static int wait_empty(int dir, int timeout_ms)
{
	auto_fd events = fd_open(dir, "cgroup.events", O_RDONLY);
	int left = timeout_ms;

	if (events < 0)
		return 0;
	for (;;) {
		struct pollfd p = { events, POLLPRI, 0 };
		char buf[256];
		ssize_t n = pread(events, buf, sizeof(buf) - 1, 0);

		if (n <= 0)
			return 0;
		buf[n] = 0;
		if (strstr(buf, "populated 0"))
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		poll(&p, 1, 100);
		left -= 100;
	}
}

int cg_remove(const char *mount, const char *path, unsigned made, struct err *e)
{
	char full[PATH_MAX];
	int r = full_path(full, sizeof(full), mount, path);

	if (r < 0)
		return err_num(e, r, "remove cgroup %s", path);
	r = remove_tree(AT_FDCWD, full, 0);
	if (r == -EBUSY) {
		auto_fd dir = fd_open(AT_FDCWD, full, O_RDONLY | O_DIRECTORY);

		if (dir >= 0) {
			(void)file_poke(dir, "cgroup.kill", "1");
			r = wait_empty(dir, 10000);
		}
		if (r == -ETIMEDOUT)
			return err_set(e, EBUSY, "cgroup %s still has processes 10 s after they were killed: they are stuck in the kernel", full);
		r = remove_tree(AT_FDCWD, full, 0);
	}
	if (r < 0)
		return err_num(e, r, "remove cgroup %s", full);
	if (made > 1)
		remove_levels(parent(full), made - 1);
	return 0;
}

static int add_pids(struct arena *a, int dir, cg_pid_list *out, size_t *room)
{
	char *text, *p;
	int r = file_read(a, dir, "cgroup.procs", 16 << 20, &text, NULL);

	if (r < 0)
		return r;
	for (p = text; *p; p += strspn(p, "\n")) {
		if (out->len == *room) {
			size_t more = *room ? *room * 2 : 64;
			pid_t *at = arena_array(a, more, sizeof(*at));

			if (out->len)
				memcpy(at, out->at, out->len * sizeof(*at));
			out->at = at;
			*room = more;
		}
		out->at[out->len++] = (pid_t)strtol(p, &p, 10);
	}
	return 0;
}

static int walk_pids(struct arena *a, int dir, cg_pid_list *out, size_t *room, int depth)
{
	int r = add_pids(a, dir, out, room), copy;
	DIR *d;

	if (r < 0 || depth > 64)
		return r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP ? 0 : r;
	copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	d = copy < 0 ? NULL : fdopendir(copy);
	if (!d)
		return -errno;
	for (struct dirent *n = readdir(d); n; n = readdir(d))
		if (n->d_type == DT_DIR && n->d_name[0] != '.') {
			auto_fd sub = fd_open(dir, n->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

			if (sub >= 0)
				(void)walk_pids(a, sub, out, room, depth + 1);
		}
	closedir(d);
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int cg_pids(struct arena *a, const char *mount, const char *path, cg_pid_list *out, struct err *e)
{
	char full[PATH_MAX];
	size_t room = 0;
	int r = full_path(full, sizeof(full), mount, path);
	auto_fd dir = r < 0 ? r : fd_open(AT_FDCWD, full, O_RDONLY | O_DIRECTORY);

	*out = (cg_pid_list){ NULL, 0 };
	if (dir == -ENOENT)
		return 0;
	r = dir < 0 ? dir : walk_pids(a, dir, out, &room, 0);
	if (r < 0)
		return err_num(e, r, "list the processes of cgroup %s", full);
	if (out->len)
		qsort(out->at, out->len, sizeof(*out->at), by_pid);
	return 0;
}

int cg_kill(const char *mount, const char *path, int sig, struct err *e)
{
	char full[PATH_MAX];
	auto_arena a = { 0 };
	cg_pid_list pids;
	int r = full_path(full, sizeof(full), mount, path);
	auto_fd dir = r < 0 ? r : fd_open(AT_FDCWD, full, O_RDONLY | O_DIRECTORY);

	if (dir == -ENOENT)
		return 0;
	if (dir >= 0 && sig == SIGKILL && file_poke(dir, "cgroup.kill", "1") == 0)
		return 0;
	r = cg_pids(&a, mount, path, &pids, e);
	for (size_t i = 0; i < pids.len && !r; i++)
		if (kill(pids.at[i], sig) < 0 && errno != ESRCH)
			r = err_sys(e, "send signal %d to process %d", sig, pids.at[i]);
	return r;
}

bool cg_frozen(const char *mount, const char *path)
{
	char full[PATH_MAX], c = '0';
	auto_fd fd = -1;

	if (full_path(full, sizeof(full), mount, path) < 0 || strlen(full) + sizeof("/cgroup.freeze") > sizeof(full))
		return false;
	strcat(full, "/cgroup.freeze");
	fd = fd_open(AT_FDCWD, full, O_RDONLY);
	return fd >= 0 && read(fd, &c, 1) == 1 && c == '1';
}
