/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/group.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroups/mark.h"

static int full_path(char *out, size_t size, const char *mount, const char *path)
{
	return snprintf(out, size, "%s%s", mount, path) < (int)size ? 0 : -ENAMETOOLONG;
}

int cg_open(const char *mount, const char *path)
{
	char full[PATH_MAX];
	int r = full_path(full, sizeof(full), mount, path);

	return r ? r : fd_open(AT_FDCWD, full, O_RDONLY | O_DIRECTORY);
}

static struct cg_place by_path(const char *path)
{
	return (struct cg_place){ -1, path };
}

bool cg_is_marked(int dir, const char *id)
{
	return cg_mark_is((struct cg_place){ dir, NULL }, id);
}

/* Upwards from what is gone: every parent that kist made and nobody uses. */
static void remove_parents(char *path, size_t mount_len)
{
	for (;;) {
		char *slash = strrchr(path, '/');

		*slash = 0;
		if (strlen(path) <= mount_len || !cg_mark_is(by_path(path), CG_PARENT) || rmdir(path) < 0)
			return;
	}
}

static int make_parents(char *path, size_t mount_len);

/* Another kist may remove an empty parent between our steps: then the whole walk is done again.  1: made. */
static int make_level(char *path, size_t mount_len)
{
	for (int tries = 0; tries < 100; tries++) {
		int r;

		if (mkdir(path, 0755) == 0)
			return 1;
		if (errno == EEXIST)
			return 0;
		if (errno != ENOENT || strlen(path) <= mount_len)
			return -errno;
		r = make_parents(path, mount_len);
		if (r < 0)
			return r;
	}
	return -ENOENT;
}

static int make_parents(char *path, size_t mount_len)
{
	char *slash = strrchr(path, '/');
	int r;

	*slash = 0;
	r = make_level(path, mount_len);
	if (r > 0)
		r = cg_mark_set(by_path(path), CG_PARENT);
	*slash = '/';
	return r;
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

static int write_limits(const struct cg_plan *p, int dir, struct err *e)
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

int cg_write_plan(const struct cg_plan *p, const char *mount, const char *path, int dir, struct err *e)
{
	int r = p->controllers ? enable_controllers(mount, path, p->controllers, e) : 0;

	return r ? r : write_limits(p, dir, e);
}

static bool has_children(int dir)
{
	int copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	bool found = false;

	if (!d)
		return true;
	for (struct dirent *n = readdir(d); n && !found; n = readdir(d))
		found = n->d_type == DT_DIR && n->d_name[0] != '.';
	closedir(d);
	return found;
}

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

/* A process somewhere in it or below. */
static bool populated(int dir)
{
	auto_fd events = fd_open(dir, "cgroup.events", O_RDONLY);

	return events >= 0 && events_say(events, "populated 1") == 1;
}

/* One that exists may be used when it is nobody's: empty, without children, without a mark. */
static int check_free(int dir, const char *path, struct err *e)
{
	if (cg_mark_any(by_path(path)))
		return err_set(e, EBUSY, "cgroup %s belongs to another container, which was not deleted", path);
	if (populated(dir))
		return err_set(e, EBUSY, "cgroup %s has processes already: it belongs to something else", path);
	if (has_children(dir))
		return err_set(e, EBUSY, "cgroup %s has cgroups below it: it belongs to something else", path);
	return 0;
}

int cg_mark(int dir, const char *id, struct err *e)
{
	int r = cg_mark_set((struct cg_place){ dir, NULL }, id);

	return r < 0 ? err_num(e, r, "mark the cgroup as that of container %s", id) : 0;
}

static int take(const struct cg_plan *p, const char *mount, const char *path, const char *id, bool made, int *fd, struct err *e)
{
	auto_fd dir = fd_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	int r = dir < 0 ? err_num(e, dir, "open cgroup %s", path) : 0;

	if (!r && !made)
		r = check_free(dir, path, e);
	if (!r)
		r = cg_mark(dir, id, e);
	if (!r)
		r = cg_write_plan(p, mount, p->path, dir, e);
	if (!r)
		*fd = take_fd(&dir);
	return r;
}

int cg_make(const struct cg_plan *p, const char *mount, const char *id, int *fd, struct err *e)
{
	char path[PATH_MAX];
	int r = full_path(path, sizeof(path), mount, p->path), made;

	*fd = -1;
	made = r < 0 ? r : make_level(path, strlen(mount));
	if (made < 0) {
		remove_parents(path, strlen(mount));
		return p->optional && (made == -EACCES || made == -EPERM || made == -EROFS) ? 0 : err_num(e, made, "make cgroup %s%s", mount, p->path);
	}
	r = take(p, mount, path, id, made, fd, e);
	if (r && made && rmdir(path) == 0)
		remove_parents(path, strlen(mount));
	return r;
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

int cg_remove(const char *mount, const char *path, const char *id, struct err *e)
{
	char full[PATH_MAX];
	int r = full_path(full, sizeof(full), mount, path);

	if (r < 0)
		return err_num(e, r, "remove cgroup %s", path);
	if (rmdir(full) < 0 && errno != ENOENT) {
		if (errno != EBUSY)
			return err_sys(e, "remove cgroup %s", full);
		if (!cg_mark_is(by_path(full), id))
			return 0; /* somebody else's by now */
		r = empty(full, e);
		if (r < 0)
			return r;
		r = remove_emptied(full);
		if (r < 0)
			return err_num(e, r, "remove cgroup %s", full);
	}
	remove_parents(full, strlen(mount));
	return 0;
}
