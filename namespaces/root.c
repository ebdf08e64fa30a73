/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "namespaces/tree.h"

/* Our own /dev/null, opened on the host side and proven to be the device: the image's could be a link
 * (CVE-2025-31133). */
static int open_null(struct err *e)
{
	auto_fd fd = fd_open(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW);
	struct stat st;

	/* Never -ENOENT: that would read as "what is to be masked does not exist". */
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, EIO, "open the host's /dev/null, with which files are masked: %s", strerror(errno));
	if (!S_ISCHR(st.st_mode) || st.st_rdev != 0x103)
		return err_set(e, ENODEV, "the host's /dev/null is not the device 1:3, so nothing can be masked with it");
	return take_fd(&fd);
}

struct masks {
	int null, empty; /* made on first use */
	int spare;	 /* a clone of null that found no place yet */
	bool guarded;	 /* null is an attached, read-only clone */
};

/* A place to restrict: an entry of a file system of our own, or a descriptor. */
struct place {
	int dir;
	const char *name; /* "": dir itself */
};

static int attach_at(int tree, const struct place *at)
{
	return sys_move_mount(tree, "", at->dir, at->name, MOVE_MOUNT_F_EMPTY_PATH | (*at->name ? 0 : MOVE_MOUNT_T_EMPTY_PATH));
}

/* The clone is of the host's own inode: read-only, or root inside could change its mode and owner there. */
static int null_clone(const struct masks *m)
{
	struct mount_attr guard = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };
	auto_fd tree = mnt_clone(m->null, 0);
	int r = tree < 0 ? tree : m->guarded ? 0 : sys_mount_setattr(tree, "", AT_EMPTY_PATH, &guard);

	return r < 0 ? r : take_fd(&tree);
}

/* Once one is attached, the others are cloned from it and have its attributes. */
static int mask_file(struct masks *m, const struct place *at, struct err *e)
{
	int r;

	if (m->null < 0)
		m->null = open_null(e);
	if (m->null < 0)
		return m->null;
	if (m->spare < 0)
		m->spare = null_clone(m);
	r = m->spare < 0 ? m->spare : attach_at(m->spare, at);
	if (r)
		return r;
	if (m->guarded) {
		fd_done(&m->spare);
		return 0;
	}
	fd_done(&m->null);
	m->null = take_fd(&m->spare);
	m->guarded = true;
	return 0;
}

/* Only an attached mount can be cloned on every kernel: the first directory gets the tmpfs itself. */
static int mask_dir(struct masks *m, const struct place *at, struct err *e)
{
	auto_fd tree = -1;

	if (m->empty < 0) {
		m->empty = mnt_empty_dir("masked directories", e);
		return m->empty < 0 ? m->empty : attach_at(m->empty, at);
	}
	tree = mnt_clone(m->empty, 0);
	return tree < 0 ? tree : attach_at(tree, at);
}

static int mask(struct masks *m, const struct place *at, struct err *e)
{
	int r = mask_file(m, at, e);

	if (r == -EINVAL || r == -ENOTDIR) /* move_mount(2): a file does not go onto a directory */
		r = mask_dir(m, at, e);
	return r;
}

static int make_readonly(struct masks *m, const struct place *at, struct err *e)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_fd tree = sys_open_tree(at->dir, at->name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW |
							(*at->name ? 0 : AT_EMPTY_PATH));
	int r = tree < 0 ? tree : sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro);

	(void)m;
	(void)e;
	return r < 0 ? r : attach_at(tree, at);
}

/* What does not exist needs no restricting. */
static int restrict_all(const struct mnt_site *s, const strings *paths, const char *what,
			int (*one)(struct masks *m, const struct place *at, struct err *e), struct masks *m, struct err *e)
{
	for (size_t i = 0; i < paths->len; i++) {
		struct place at = { -1, "" };
		auto_fd target = -1;
		int r;

		at.dir = mnt_site_holder(s, paths->at[i], &at.name);
		if (at.dir < 0)
			at.dir = target = path_open_in(s->root, paths->at[i], O_PATH);
		r = at.dir < 0 ? at.dir : one(m, &at, e);
		if (r < 0 && r != -ENOENT && r != -ENOTDIR)
			return e->code ? r : err_num(e, r, "%s %s", what, paths->at[i]);
	}
	return 0;
}

int mnt_restrict(const struct mnt_plan *p, const struct mnt_site *s, struct err *e)
{
	struct masks m = { -1, -1, -1, false };
	int r = restrict_all(s, &p->readonly, "make read-only", make_readonly, &m, e);

	if (!r)
		r = restrict_all(s, &p->masked, "mask", mask, &m, e);
	fd_done(&m.null);
	fd_done(&m.empty);
	fd_done(&m.spare);
	return r;
}

/* pivot_root(2), "NOTES": with both arguments "." the old root lies on top of the new and is detached from
 * there; no directory for it is needed in the image. */
static int pivot(const struct mnt_plan *p, int root, struct err *e)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };
	auto_fd old = p->first_propagation ? -1 : fd_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	int r;

	if (fchdir(root) < 0)
		return err_sys(e, "enter the new root");
	r = sys_pivot_root(".", ".");
	if (r == -EINVAL)
		return err_set(e, EINVAL, "pivot_root: Invalid argument; on a host that runs from its initial ramdisk use --no-pivot");
	if (r < 0)
		return err_num(e, r, "pivot_root");
	/* When it is still shared with the host, detaching it must not unmount anything there.  By descriptor:
	 * "." would be the new root, and cut what is to stay shared in it. */
	r = p->first_propagation ? 0 : sys_mount_setattr(old, "", AT_EMPTY_PATH | AT_RECURSIVE, &slave);
	if (!r)
		r = sys_detach(".");
	return r < 0 ? err_num(e, r, "detach the old root") : 0;
}

static int move_over(const struct mnt_plan *p, int root, struct err *e)
{
	int r;

	if (fchdir(root) < 0)
		return err_sys(e, "enter the new root");
	r = mnt_root_on_top(p) ? 0 : sys_move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
	if (r < 0)
		return err_num(e, r, "move the new root over /");
	return chroot(".") < 0 ? err_sys(e, "chroot into the new root") : 0;
}

static int finish_root(const struct mnt_plan *p, int root, struct err *e)
{
	struct mount_attr attr = { .attr_set = p->root_readonly ? MOUNT_ATTR_RDONLY : 0, .propagation = p->propagation };
	int r;

	if (!attr.attr_set && !attr.propagation)
		return 0;
	r = sys_mount_setattr(root, "", AT_EMPTY_PATH, &attr);
	return r < 0 ? err_num(e, r, "make the root %s", attr.attr_set ? "read-only" : "propagate as asked") : 0;
}

int mnt_enter(const struct mnt_plan *p, int root, struct err *e)
{
	int r;

	if (p->enter_only) {
		if (fchdir(root) < 0 || chroot(".") < 0)
			return err_sys(e, "chroot into %s", p->root);
		return 0;
	}
	r = p->no_pivot ? move_over(p, root, e) : pivot(p, root, e);
	if (r < 0)
		return r;
	if (chdir("/") < 0)
		return err_sys(e, "enter /");
	return finish_root(p, root, e);
}
