/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
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

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open the host's /dev/null");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != 0x103)
		return err_set(e, ENODEV, "the host's /dev/null is not the device 1:3, so nothing can be masked with it");
	return take_fd(&fd);
}

struct masks {
	int null, empty; /* made on first use */
};

static int mask_file(struct masks *m, int target, struct err *e)
{
	auto_fd tree = -1;

	if (m->null < 0)
		m->null = open_null(e);
	if (m->null < 0)
		return m->null;
	tree = mnt_clone(m->null, 0);
	return tree < 0 ? tree : mnt_attach(tree, target);
}

/* Only an attached mount can be cloned on every kernel: the first directory gets the tmpfs itself. */
static int mask_dir(struct masks *m, int target, struct err *e)
{
	auto_fd tree = -1;

	if (m->empty < 0) {
		m->empty = mnt_empty_dir(e);
		return m->empty < 0 ? m->empty : mnt_attach(m->empty, target);
	}
	tree = mnt_clone(m->empty, 0);
	return tree < 0 ? tree : mnt_attach(tree, target);
}

static int mask(struct masks *m, int root, const char *path, struct err *e)
{
	auto_fd target = path_open_in(root, path, O_PATH);
	int r;

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	r = target < 0 ? target : mask_file(m, target, e);
	if (r == -EINVAL || r == -ENOTDIR) /* move_mount(2): a file does not go onto a directory */
		r = mask_dir(m, target, e);
	return r < 0 ? err_num(e, r, "mask %s", path) : 0;
}

static int make_readonly(int root, const char *path, struct err *e)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_fd target = path_open_in(root, path, O_PATH);
	auto_fd tree = -1;
	int r;

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	if (target < 0)
		return err_num(e, target, "open %s", path);
	tree = mnt_clone(target, AT_RECURSIVE);
	r = tree < 0 ? tree : sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro);
	if (!r)
		r = mnt_attach(tree, target);
	return r < 0 ? err_num(e, r, "make %s read-only", path) : 0;
}

int mnt_restrict(const struct mnt_plan *p, int root, struct err *e)
{
	struct masks m = { -1, -1 };
	int r = 0;

	for (size_t i = 0; i < p->readonly.len && !r; i++)
		r = make_readonly(root, p->readonly.at[i], e);
	for (size_t i = 0; i < p->masked.len && !r; i++)
		r = mask(&m, root, p->masked.at[i], e);
	fd_done(&m.null);
	fd_done(&m.empty);
	return r;
}

/* pivot_root(2), "NOTES": with both arguments "." the old root lies on top of the new and is detached from
 * there; no directory for it is needed in the image. */
static int pivot(int root, struct err *e)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };
	int r;

	if (fchdir(root) < 0)
		return err_sys(e, "enter the new root");
	r = sys_pivot_root(".", ".");
	if (r == -EINVAL)
		return err_set(e, EINVAL, "pivot_root: Invalid argument; on a host that runs from its initial ramdisk use --no-pivot");
	if (r < 0)
		return err_num(e, r, "pivot_root");
	/* The old root may still be shared with the host: detaching it must not unmount anything there. */
	r = sys_mount_setattr(AT_FDCWD, ".", AT_RECURSIVE, &slave);
	if (!r)
		r = sys_detach(".");
	return r < 0 ? err_num(e, r, "detach the old root") : 0;
}

static int move_over(int root, struct err *e)
{
	int r;

	if (fchdir(root) < 0)
		return err_sys(e, "enter the new root");
	r = sys_move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
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
	r = p->no_pivot ? move_over(root, e) : pivot(root, e);
	if (r < 0)
		return r;
	if (chdir("/") < 0)
		return err_sys(e, "enter /");
	return finish_root(p, root, e);
}
