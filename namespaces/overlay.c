/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namespaces/overlay.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/statvfs.h>

#include "base/fd.h"
#include "base/sys.h"
#include "namespaces/tree.h"

static void stack_done(struct mnt_stack *s)
{
	if (s->left)
		return;
	fd_done(&s->upper);
	fd_done(&s->work);
	fd_done(&s->dir);
	while (s->n)
		fd_done(&s->lower[--s->n]);
}
#define auto_stack __attribute__((cleanup(stack_done))) struct mnt_stack

static int open_dir(int at, const char *path, const char *what, struct err *e)
{
	int fd = fd_open(at, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);

	if (fd == -ENOTDIR)
		return err_set(e, ENOTDIR, "open %s %s: not a directory (a symbolic link is not followed there)", what, path);
	if (fd == -EMFILE)
		return err_set(e, EMFILE, "open %s %s: Too many open files; a root needs one descriptor for each layer (ulimit -n)", what, path);
	return fd < 0 ? err_num(e, fd, "open %s %s", what, path) : fd;
}

static int open_mapped(const char *path, int userns, const char *what, struct err *e)
{
	auto_fd plain = open_dir(AT_FDCWD, path, what, e);
	auto_fd clone = -1;
	int r;

	if (plain < 0 || userns < 0)
		return take_fd(&plain);
	clone = mnt_clone(plain, 0);
	if (clone < 0)
		return err_num(e, clone, "clone %s %s", what, path);
	r = mnt_idmap(clone, userns, what, path, e);
	return r < 0 ? r : take_fd(&clone);
}

static int open_stack(const struct mnt_overlay *o, int userns, struct mnt_stack *s, struct err *e)
{
	for (size_t i = 0; i < o->lower.len; i++) {
		s->lower[s->n] = open_mapped(o->lower.at[i], userns, "layer", e);
		if (s->lower[s->n] < 0)
			return s->lower[s->n];
		s->n++;
	}
	s->cloned = userns >= 0;
	if (!o->dir)
		return 0;
	s->dir = open_mapped(o->dir, userns, "the directory of upper and work", e);
	if (s->dir < 0)
		return s->dir;
	s->upper = open_dir(s->dir, o->upper, "upper directory", e);
	if (s->upper < 0)
		return err_in(e, s->upper, "%s", o->dir);
	s->work = open_dir(s->dir, o->work, "work directory", e);
	return s->work < 0 ? err_in(e, s->work, "%s", o->dir) : 0;
}

/* Overlayfs works as whoever mounts it, which shall not be an administrator whom quotas and reserved blocks do not bind. */
struct maker {
	struct sys_caps caps;
	bool changed, other;
};

static int become_maker(const struct mnt_plan *p, struct maker *was, struct err *e)
{
	struct sys_caps caps;
	int r = sys_capget(&was->caps);

	if (r < 0)
		return err_num(e, r, "read own capabilities");
	was->changed = true;
	was->other = p->root_idmap;
	if (was->other) { /* takes capabilities away, too */
		setfsgid(p->root_gid);
		setfsuid(p->root_uid);
	}
	caps = was->caps;
	caps.effective &= ~(1ULL << CAP_SYS_RESOURCE);
	r = sys_capset(&caps);
	return r < 0 ? err_num(e, r, "put the root together with fewer capabilities") : 0;
}

static void maker_done(struct maker *was)
{
	if (was->other) {
		setfsuid(sys_euid());
		setfsgid(sys_egid());
	}
	if (was->changed)
		(void)sys_capset(&was->caps);
}
#define auto_maker __attribute__((cleanup(maker_done))) struct maker

/* What the older way needs: clones attached, one upon the other, where only this process sees them. */
static int attach_clones(const struct mnt_plan *p, const struct mnt_stack *s, struct err *e)
{
	auto_fd top = -1;
	int r = 0;

	if (p->root_by_parent && unshare(CLONE_NEWNS) < 0)
		return err_sys(e, "make a mount namespace to put the root together in");
	if (p->root_by_parent)
		r = mnt_cut_parent("/", e);
	if (r < 0)
		return r;
	top = fd_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	if (s->empty >= 0)
		r = mnt_attach(s->empty, top);
	for (size_t i = 0; s->cloned && i < s->n && !r; i++)
		r = mnt_attach(s->lower[i], top);
	if (s->cloned && s->dir >= 0 && !r)
		r = mnt_attach(s->dir, top);
	return r < 0 ? err_num(e, r, "attach the layers to put the root together") : 0;
}

struct mounter {
	const struct mnt_plan *p;
	const struct mnt_stack *all;
	bool by_names;
};

static int mount_stack(struct mounter *m, const struct mnt_stack *s, struct err *e)
{
	int r;

	if (!m->by_names) {
		r = mnt_overlay_by_fds(&m->p->overlay, s, e);
		if (r != -ENOTSUP)
			return r;
		m->by_names = true;
		r = attach_clones(m->p, m->all, e);
		if (r < 0)
			return r;
	}
	return mnt_overlay_by_names(&m->p->overlay, s, e);
}

/* A read-only overlay of the layers, taken as the only layer, is another file system than theirs. */
static int mount_twice(struct mounter *m, const struct mnt_stack *all, struct err *e)
{
	struct mnt_stack inner = *all, outer = { .n = 1, .empty = -1, .dir = all->dir, .upper = all->upper, .work = all->work };
	auto_fd first = -1;

	inner.dir = inner.upper = inner.work = -1;
	first = mount_stack(m, &inner, e);
	if (first < 0)
		return first;
	outer.lower[0] = first;
	return mount_stack(m, &outer, e);
}

/* The kernel refuses an upper directory that lies inside of a layer ("/" as a layer), unless it is on another file
 * system, which no path tells. */
static int mount_all(struct mounter *m, const struct mnt_stack *all, struct err *e)
{
	struct mnt_stack direct = *all;
	struct err said = { 0 };
	int r;

	if (!m->p->overlay.inside)
		return mount_stack(m, all, e);
	direct.empty = -1;
	r = mount_stack(m, &direct, &said);
	if (r == -ELOOP)
		return mount_twice(m, all, e);
	return r < 0 ? err_set(e, -r, "%s", said.msg) : r;
}

/* An upper that the kernel cannot write to makes the overlay read-only, and mounting it succeeds. */
static int check_writable(const struct mnt_overlay *o, int tree, struct err *e)
{
	struct statvfs fs;

	if (!o->dir)
		return 0;
	if (fstatvfs(tree, &fs) < 0)
		return err_sys(e, "look at the root");
	return fs.f_flag & ST_RDONLY ? err_set(e, EROFS, "the root on %s/%s: the kernel could not use the work directory %s beside it, "
							  "and would make the root read-only", o->dir, o->upper, o->work) : 0;
}

int mnt_overlay_tree(const struct mnt_plan *p, int userns, struct err *e)
{
	auto_maker was = { 0 };
	auto_stack s = { .empty = -1, .dir = -1, .upper = -1, .work = -1, .left = p->root_by_parent };
	struct mounter m = { p, &s, false };
	auto_fd tree = -1;
	int r = open_stack(&p->overlay, p->root_idmap ? userns : -1, &s, e);

	/* Without upper the kernel wants two layers, and layers that are shared must not become writable by a remount
	 * inside, as those of a bind mount could: with an empty one below, even a single layer is an overlay. */
	if (r >= 0 && (!p->overlay.dir || p->overlay.inside))
		r = s.empty = mnt_empty_dir("the root's lowest layer", e);
	if (r >= 0)
		r = become_maker(p, &was, e);
	if (r < 0)
		return r;
	tree = mount_all(&m, &s, e);
	if (tree < 0)
		return tree;
	r = check_writable(&p->overlay, tree, e);
	if (!r && m.by_names)
		return mnt_take_top(e);
	return r < 0 ? r : take_fd(&tree);
}
