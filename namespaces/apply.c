/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "namespaces/tree.h"

static int set_propagation(int fd, const char *path, unsigned flags, uint64_t propagation)
{
	struct mount_attr a = { .propagation = propagation };

	return sys_mount_setattr(fd, path, flags, &a);
}

/* With propagation from the host left open, the mount below the root must be private, or attaching the root
 * would appear on the host: walk up to the mount that holds it. */
static int cut_parent(const char *root, struct err *e)
{
	auto_fd fd = fd_open(AT_FDCWD, root, O_PATH | O_DIRECTORY);

	for (int depth = 0; fd >= 0 && depth < 64; depth++) {
		int r = set_propagation(fd, "", AT_EMPTY_PATH, MS_PRIVATE), up;

		if (r != -EINVAL)
			return r < 0 ? err_num(e, r, "make the mount below %s private", root) : 0;
		up = fd_open(fd, "..", O_PATH | O_DIRECTORY);
		close(fd);
		fd = up;
	}
	return err_set(e, EINVAL, "find the mount that holds %s", root);
}

static int attach_root(const struct mnt_plan *p, int from_parent, struct err *e)
{
	auto_fd tree = from_parent;
	auto_fd target = -1;
	int r = 0;

	if (tree < 0) {
		target = fd_open(AT_FDCWD, p->root, O_PATH | O_DIRECTORY);
		if (target < 0)
			return err_num(e, target, "open root.path %s", p->root);
		tree = mnt_clone(target, AT_RECURSIVE);
		if (tree < 0)
			return err_num(e, tree, "clone root.path %s", p->root);
	} else {
		/* The mapped root may not be able to walk to the directory; any place of ours will do. */
		target = fd_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	}
	if (!p->first_propagation)
		r = cut_parent(from_parent < 0 ? p->root : "/", e);
	if (r < 0)
		return r;
	r = mnt_attach(tree, target);
	return r < 0 ? err_num(e, r, "attach root.path %s", p->root) : take_fd(&tree);
}

/* config.md demands "/proc" itself: an image whose /proc is a link would send masks and labels elsewhere
 * (CVE-2019-19921, CVE-2023-27561). */
static int open_plain(const struct mnt_op *op, int root, struct err *e)
{
	int fd = path_make_in(root, op->target, PATH_DIR), plain;

	if (fd < 0)
		return err_num(e, fd, "make mount point %s", op->target);
	close(fd);
	plain = sys_openat2(root, op->target, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0,
			    RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (plain == -ELOOP || plain == -ENOTDIR)
		return err_set(e, -plain, "%s must be mounted on ordinary directory: in the image it is a symbolic link or a file",
			       op->target);
	return plain < 0 ? err_num(e, plain, "open mount point %s", op->target) : plain;
}

/* A link of the image that ends in /proc would let this mount hide kernel files that we or the container trust. */
static int refuse_procfs(const struct mnt_op *op, int target, struct err *e)
{
	struct statfs fs;

	if (fstatfs(target, &fs) < 0)
		return err_sys(e, "statfs mount point %s", op->target);
	if (fs.f_type == PROC_SUPER_MAGIC)
		return err_set(e, EPERM, "mount point %s leads into /proc over a symbolic link of the image", op->target);
	return 0;
}

static int open_target(const struct mnt_op *op, int root, enum path_kind kind, struct err *e)
{
	int fd, r;

	if (op->plain_target)
		return open_plain(op, root, e);
	fd = sys_openat2(root, op->target, O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (fd >= 0)
		return fd;
	fd = path_make_in(root, op->target, kind);
	if (fd == -EROFS)
		return err_set(e, EROFS, "make mount point %s: it lies in a read-only file system and does not exist there", op->target);
	if (fd < 0)
		return err_num(e, fd, "make mount point %s", op->target);
	r = refuse_procfs(op, fd, e);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

static int remount(const struct mnt_op *op, int root, struct err *e)
{
	struct mount_attr attr = { .attr_set = op->o.set, .attr_clr = op->o.clear };
	auto_fd target = path_open_in(root, op->target, O_PATH);
	int r = target < 0 ? target : sys_mount_setattr(target, "", AT_EMPTY_PATH, &attr);

	return r < 0 ? err_num(e, r, "remount %s", op->target) : 0;
}

static int is_file(int tree, enum path_kind *kind)
{
	struct stat st;

	if (fstat(tree, &st) < 0)
		return -errno;
	*kind = S_ISDIR(st.st_mode) ? PATH_DIR : PATH_FILE;
	return 0;
}

static int attach_error(const struct mnt_op *op, int r, int tree, int target, struct err *e)
{
	enum path_kind from = PATH_DIR, to = PATH_DIR;

	if (is_file(tree, &from) == 0 && is_file(target, &to) == 0 && from != to)
		return err_set(e, ENOTDIR, "mount on %s: not a directory; a %s cannot be mounted on a %s", op->target,
			       from == PATH_DIR ? "directory" : "file", to == PATH_DIR ? "directory" : "file");
	return err_num(e, r, "mount on %s", op->target);
}

static int apply_op(const struct mnt_op *op, int root, int from_parent, struct err *e)
{
	auto_fd tree = from_parent;
	auto_fd target = -1;
	enum path_kind kind = PATH_DIR;
	int r = 0;

	if (op->kind == MNT_REMOUNT)
		return remount(op, root, e);
	if (tree < 0)
		tree = mnt_tree(op, -1, e);
	if (tree < 0)
		return tree;
	if (op->kind == MNT_BIND)
		r = is_file(tree, &kind);
	if (r < 0)
		return err_num(e, r, "stat the source %s", op->source);
	target = open_target(op, root, kind, e);
	if (target < 0)
		return target;
	if (op->o.copy_up)
		r = mnt_copy_up(target, tree, e);
	if (r < 0)
		return r;
	r = mnt_attach(tree, target);
	return r < 0 ? attach_error(op, r, tree, target, e) : 0;
}

int mnt_build(const struct mnt_plan *p, int *trees, struct err *e)
{
	size_t n = 0;
	auto_fd root = -1;
	int r;

	if (p->enter_only) {
		r = fd_open(AT_FDCWD, p->root, O_PATH | O_DIRECTORY);
		return r < 0 ? err_num(e, r, "open root.path %s", p->root) : r;
	}
	if (p->first_propagation) {
		r = set_propagation(AT_FDCWD, "/", AT_RECURSIVE, p->first_propagation);
		if (r < 0)
			return err_num(e, r, "cut the propagation of mounts to the host");
	}
	root = attach_root(p, p->root_by_parent ? take_fd(&trees[n++]) : -1, e);
	if (root < 0)
		return root;
	for (size_t i = 0; i < p->ops.len; i++) {
		const struct mnt_op *op = &p->ops.at[i];

		r = apply_op(op, root, op->by_parent ? take_fd(&trees[n++]) : -1, e);
		if (r < 0)
			return err_in(e, r, "mounts[%zu]", op->index);
	}
	r = mnt_make_devices(p, root, e);
	if (r < 0)
		return r;
	if (p->cwd) {
		auto_fd cwd = path_make_in(root, p->cwd, PATH_DIR); /* a failure shows at chdir, in better words */
	}
	return take_fd(&root);
}
