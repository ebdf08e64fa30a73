/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sched.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "namespaces/tree.h"

static int own_namespace(struct err *e)
{
	const struct mount_attr apart = { .propagation = MS_PRIVATE };
	int r;

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(e, "make a mount namespace to look at the root from");
	r = sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &apart);
	return r < 0 ? err_num(e, r, "make the mounts of a new namespace private") : 0;
}

static int attach_root(const struct mnt_plan *p, int userns, struct err *e)
{
	const struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_fd top = fd_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	auto_fd tree = p->overlay.lower.len ? mnt_overlay_tree(p, userns, e) : mnt_root_tree(p, userns, e);
	int r;

	if (tree < 0)
		return tree;
	r = mnt_attach(tree, top);
	if (!r && p->root_readonly)
		r = sys_mount_setattr(tree, "", AT_EMPTY_PATH, &ro);
	return r < 0 ? err_num(e, r, "attach the root") : take_fd(&tree);
}

/* What has no place has never been mounted: then there is nothing to be seen of it either. */
static int attach_op(struct arena *a, const struct mnt_op *op, int root, int userns, struct err *e)
{
	auto_fd target = path_open_in(root, op->target, O_PATH), tree = -1;
	int r;

	if (target < 0)
		return target == -ENOENT ? 0 : err_num(e, target, "open %s in the root", op->target);
	tree = op->kind == MNT_BIND ? mnt_op_tree(a, op, userns, e) : mnt_empty_dir(op->target, e);
	if (tree < 0)
		return tree;
	r = mnt_attach(tree, target);
	return r < 0 ? err_num(e, r, "attach what belongs on %s", op->target) : 0;
}

int mnt_still(struct arena *a, const struct mnt_plan *p, int userns, struct err *e)
{
	struct mnt_plan own = *p;
	auto_fd root = -1;
	int r = own_namespace(e);

	own.root_by_parent = false; /* the namespace is made already */
	if (!r)
		r = root = attach_root(&own, userns, e);
	for (size_t i = 0; r >= 0 && i < p->ops.len; i++)
		if (p->ops.at[i].kind != MNT_REMOUNT)
			r = attach_op(a, &p->ops.at[i], root, userns, e);
	/* What is covered while it runs, the host's secrets in a root that is the host's own, is now. */
	if (r >= 0)
		r = mnt_restrict(&own, &(const struct mnt_site){ .root = root }, e);
	return r < 0 ? r : take_fd(&root);
}
