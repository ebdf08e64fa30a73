/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/group.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroups/mark.h"
#include "cgroups/path.h"

int cg_full_path(char *out, size_t size, const char *mount, const char *path)
{
	return snprintf(out, size, "%s%s", mount, path) < (int)size ? 0 : -ENAMETOOLONG;
}

int cg_open(const char *mount, const char *path)
{
	char full[PATH_MAX];
	int r = cg_full_path(full, sizeof(full), mount, path);

	return r ? r : fd_open(AT_FDCWD, full, O_RDONLY | O_DIRECTORY);
}

int cg_open_own(const struct cg_own *g)
{
	auto_fd dir = cg_open(g->mount, g->path);

	if (dir >= 0 && !cg_mark_is((struct cg_place){ dir, NULL }, g->id))
		return -ENOENT;
	return take_fd(&dir);
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
		r = cg_mark_set(cg_by_path(path), CG_PARENT);
	*slash = '/';
	return r;
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

/* One that exists may be used when it is nobody's: empty, without children, without a mark. */
static int check_free(int dir, const char *path, struct err *e)
{
	if (cg_mark_any(cg_by_path(path)))
		return err_set(e, EBUSY, "cgroup %s belongs to another container, which was not deleted", path);
	if (cg_says(dir, "populated 1"))
		return err_set(e, EBUSY, "cgroup %s has processes already: it belongs to something else", path);
	if (has_children(dir))
		return err_set(e, EBUSY, "cgroup %s has cgroups below it: it belongs to something else", path);
	return 0;
}

int cg_mark(int dir, const char *id, struct err *e)
{
	int r = cg_mark_set((struct cg_place){ dir, NULL }, id);

	if (r == -EEXIST)
		return err_set(e, EBUSY, "the cgroup of container %s belongs to another container, which was not deleted or is made at this moment", id);
	return r < 0 ? err_num(e, r, "mark the cgroup as that of container %s", id) : 0;
}

struct taking {
	const struct cg_plan *p;
	const char *mount, *id;
	char path[PATH_MAX];
	bool made, mine;
};

static int take(struct taking *t, int *fd, struct err *e)
{
	auto_fd dir = fd_open(AT_FDCWD, t->path, O_RDONLY | O_DIRECTORY);
	int r = dir < 0 ? err_num(e, dir, "open cgroup %s", t->path) : 0;

	t->mine = t->made;
	if (!r && !t->made)
		r = check_free(dir, t->path, e);
	if (r)
		return r;
	r = cg_mark(dir, t->id, e);
	t->mine = !r || (t->made && r != -EBUSY);
	if (!r)
		r = cg_enable(t->p, t->mount, t->p->path, e);
	if (!r)
		r = cg_write_limits(t->p, dir, false, e);
	if (!r)
		*fd = take_fd(&dir);
	return r;
}

static void leave(struct taking *t)
{
	if (t->mine && !t->made)
		cg_mark_clear(cg_by_path(t->path));
	else if (t->mine && rmdir(t->path) == 0)
		cg_remove_parents(t->path, strlen(t->mount));
}

int cg_make(const struct cg_plan *p, const char *mount, const char *id, int *fd, struct err *e)
{
	struct taking t = { .p = p, .mount = mount, .id = id };
	int r = cg_full_path(t.path, sizeof(t.path), mount, p->path), made;

	*fd = -1;
	made = r < 0 ? r : make_level(t.path, strlen(mount));
	if (made < 0) {
		cg_remove_parents(t.path, strlen(mount));
		return p->optional && (made == -EACCES || made == -EPERM || made == -EROFS) ? 0 : err_num(e, made, "make cgroup %s%s", mount, p->path);
	}
	t.made = made;
	r = take(&t, fd, e);
	if (r)
		leave(&t);
	return r;
}
