/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namespaces/tree.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "namespaces/enter.h"

enum { EMPTY = AT_EMPTY_PATH, CLONE = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC };

int mnt_clone(int fd, unsigned flags)
{
	return sys_open_tree(fd, "", CLONE | EMPTY | flags);
}

int mnt_attach(int tree, int target)
{
	return sys_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* The file system says in words what it did not like (fsopen(2), "message retrieval"): "e tmpfs: ...\n". */
const char *mnt_fs_says(int fs, char *buf, size_t size)
{
	ssize_t n = read(fs, buf, size - 1);

	buf[n > 0 ? n : 0] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return n > 2 ? buf + 2 : "";
}

static int fs_option(int fs, const char *word)
{
	char key[64];
	const char *eq = strchr(word, '=');
	size_t n = eq ? (size_t)(eq - word) : strlen(word);

	if (n >= sizeof(key))
		return -EINVAL;
	memcpy(key, word, n);
	key[n] = 0;
	return eq ? sys_fsconfig(fs, FSCONFIG_SET_STRING, key, eq + 1, 0) : sys_fsconfig(fs, FSCONFIG_SET_FLAG, key, NULL, 0);
}

static int fs_error(const struct mnt_op *op, int fs, int r, const char *what, struct err *e)
{
	char buf[200];
	const char *says = mnt_fs_says(fs, buf, sizeof(buf));

	if (r == -EPERM)
		return err_set(e, EPERM,
			       "mount %s on %s: %s: Operation not permitted%s%s; in a user namespace the kernel mounts what shows a namespace "
			       "(proc, sysfs, mqueue) only for the namespace's owner, and only kinds marked for users",
			       op->fs, op->target, what, *says ? ": " : "", says);
	return err_num(e, r, "mount %s on %s: %s%s%s", op->fs, op->target, what, *says ? ": " : "", says);
}

/* The kernel gives file systems of the kernel itself no use for a source; only the listing shows it. */
static int fs_tree(const struct mnt_op *op, struct err *e)
{
	auto_fd fs = sys_fsopen(op->fs);
	uint64_t attr;
	int r;

	if (fs == -ENODEV)
		return err_set(e, ENODEV, "mount %s on %s: this kernel has no file system \"%s\"", op->fs, op->target, op->fs);
	if (fs < 0)
		return err_num(e, fs, "mount %s on %s", op->fs, op->target);
	if (strcmp(op->source, op->fs)) {
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", op->source, 0);
		if (r < 0)
			return fs_error(op, fs, r, "source", e);
	}
	for (size_t i = 0; i < op->o.data.len; i++) {
		r = fs_option(fs, op->o.data.at[i]);
		if (r < 0)
			return fs_error(op, fs, r, op->o.data.at[i], e);
	}
	r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r < 0)
		return fs_error(op, fs, r, "create", e);
	attr = op->o.set | op->o.rec_set;
	if (op->o.copy_up) /* mnt_copy_up writes first, and takes the permission away before anybody sees it */
		attr &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	r = sys_fsmount(fs, (unsigned)attr);
	return r < 0 ? fs_error(op, fs, r, "attributes", e) : r;
}

static int bind_tree(const struct mnt_op *op, struct err *e)
{
	int fd = sys_open_tree(AT_FDCWD, op->source, CLONE | (op->o.recursive ? AT_RECURSIVE : 0));

	if (fd == -EINVAL && !op->o.recursive)
		return err_set(e, EINVAL,
			       "bind %s on %s: Invalid argument; in a user namespace a directory with mounts below it can only "
			       "be bound whole (use \"rbind\"), and an unbindable mount not at all",
			       op->source, op->target);
	if (fd == -ENOENT)
		return err_set(e, ENOENT, "bind %s on %s: the source does not exist on the host", op->source, op->target);
	return fd < 0 ? err_num(e, fd, "bind %s on %s", op->source, op->target) : fd;
}

static int set_attr(int tree, unsigned recursive, const struct mount_attr *a)
{
	if (!(a->attr_set | a->attr_clr | a->propagation))
		return 0;
	return sys_mount_setattr(tree, "", EMPTY | recursive, a);
}

/* A clone made outside the new mount namespace is still a peer of the host's mount: cut, unless asked for. */
static uint64_t propagation_of(const struct mnt_op *op)
{
	if (op->o.propagation)
		return op->o.propagation;
	return op->by_parent ? MS_SLAVE : 0;
}

static int dress(const struct mnt_op *op, int tree, int userns)
{
	struct mount_attr own = { 0 }, rec = { .attr_set = op->o.rec_set, .attr_clr = op->o.rec_clear };
	struct mount_attr idmap = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };
	/* Where there is one mount alone, one call says it all. */
	bool rec_propagation = op->o.rec_propagation || (!op->o.propagation && op->by_parent && op->o.recursive);
	int r = 0;

	if (op->kind != MNT_FS) {
		own.attr_set = op->o.set;
		own.attr_clr = op->o.clear;
	} else {
		rec.attr_set = rec.attr_clr = 0;
	}
	if (rec_propagation)
		rec.propagation = propagation_of(op);
	else
		own.propagation = propagation_of(op);
	if (op->o.idmap)
		r = sys_mount_setattr(tree, "", EMPTY | (op->o.rec_idmap ? AT_RECURSIVE : 0), &idmap);
	if (!r)
		r = set_attr(tree, AT_RECURSIVE, &rec);
	return r ? r : set_attr(tree, 0, &own);
}

int mnt_tree(const struct mnt_op *op, int userns, struct err *e)
{
	auto_fd tree = op->kind == MNT_FS ? fs_tree(op, e) : bind_tree(op, e);
	int r;

	if (tree < 0)
		return tree;
	r = dress(op, tree, userns);
	if (r == -EINVAL && op->o.idmap)
		return err_set(e, EINVAL, "idmap %s on %s: this file system cannot be idmapped, or it is already", op->source, op->target);
	if (r == -EPERM)
		return err_num(e, r, "set options of the mount on %s (in a user namespace the options of a host mount can only be made stricter)",
			       op->target);
	return r < 0 ? err_num(e, r, "set options of the mount on %s", op->target) : take_fd(&tree);
}

int mnt_empty_dir(const char *what, struct err *e)
{
	static const char *const words[] = { "nr_inodes=1", "mode=0555" };
	struct mnt_op op = { .fs = "tmpfs", .source = "tmpfs", .target = what,
			     .o = { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
				    .data = { (const char **)(size_t)words, 2 } } };

	return fs_tree(&op, e);
}

int mnt_private_procfs(struct err *e)
{
	struct mnt_op op = { .fs = "proc", .source = "proc", .target = "a private place",
			     .o = { .set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC } };

	return fs_tree(&op, e);
}

int mnt_idmap(int fd, int userns, const char *what, const char *path, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .propagation = MS_PRIVATE, .userns_fd = (uint64_t)userns };
	int r = sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr);

	if (r == -EINVAL)
		return err_set(e, EINVAL,
			       "idmap %s %s: its file system cannot be idmapped (an overlay, NFS, FUSE and, before Linux 6.3, tmpfs cannot), "
			       "or it is already; keep it on ext4, xfs or btrfs",
			       what, path);
	return r < 0 ? err_num(e, r, "idmap %s %s", what, path) : 0;
}

int mnt_root_tree(const struct mnt_plan *p, int userns, struct err *e)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };
	auto_fd tree = sys_open_tree(AT_FDCWD, p->root, CLONE | AT_RECURSIVE);
	int r;

	if (tree < 0)
		return err_num(e, tree, "open root.path %s", p->root);
	r = sys_mount_setattr(tree, "", EMPTY | AT_RECURSIVE, &slave);
	if (r < 0)
		return err_num(e, r, "cut the propagation of %s", p->root);
	r = p->root_idmap ? mnt_idmap(tree, userns, "root.path", p->root, e) : 0;
	return r < 0 ? r : take_fd(&tree);
}

int mnt_op_tree(struct arena *a, const struct mnt_op *op, int userns, struct err *e)
{
	auto_fd own = -1;

	if (!op->o.idmap || !op->uids.len)
		return mnt_tree(op, userns, e);
	own = ns_map_fd(a, &op->uids, &op->gids, e);
	return own < 0 ? own : mnt_tree(op, own, e);
}

int mnt_make_trees(struct arena *a, const struct mnt_plan *p, int init, int userns, int *fds, struct err *e)
{
	bool layers = p->root_by_parent && p->overlay.lower.len;
	size_t n = 0;
	int r = 0;

	if (layers)
		r = fds[n++] = mnt_overlay_tree(p, userns, e);
	if (r >= 0 && setns(init, CLONE_NEWNS) < 0)
		r = err_sys(e, "enter the container's mount namespace");
	if (r >= 0 && p->root_by_parent && !layers)
		r = fds[n++] = mnt_root_tree(p, userns, e);
	for (size_t i = 0; i < p->ops.len && r >= 0; i++)
		if (p->ops.at[i].by_parent) {
			r = fds[n++] = mnt_op_tree(a, &p->ops.at[i], userns, e);
			if (r < 0)
				err_in(e, r, "mounts[%zu]", p->ops.at[i].index);
		}
	if (r >= 0)
		return 0;
	while (n)
		fd_done(&fds[--n]);
	return r;
}
