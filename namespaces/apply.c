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
int mnt_cut_parent(const char *root, struct err *e)
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

static int own_root_tree(const struct mnt_plan *p, int target, struct err *e)
{
	int tree;

	if (p->overlay.lower.len)
		return mnt_overlay_tree(p, -1, e);
	tree = mnt_clone(target, AT_RECURSIVE);
	return tree < 0 ? err_num(e, tree, "clone root.path %s", p->root) : tree;
}

/* A mapped root may not be able to walk to its directory, and layers have none; any place of ours will do. */
bool mnt_root_on_top(const struct mnt_plan *p)
{
	return p->root_by_parent || p->overlay.lower.len;
}

static int attach_root(const struct mnt_plan *p, int from_parent, struct err *e)
{
	const char *place = mnt_root_on_top(p) ? "/" : p->root;
	auto_fd tree = from_parent;
	auto_fd target = fd_open(AT_FDCWD, place, O_PATH | O_DIRECTORY);
	int r = 0;

	if (target < 0)
		return err_num(e, target, "open root.path %s", place);
	if (!p->first_propagation)
		r = mnt_cut_parent(place, e);
	if (r < 0)
		return r;
	if (tree < 0)
		tree = own_root_tree(p, target, e);
	if (tree < 0)
		return tree;
	/* The clone is a peer of the host's mount: what is mounted in it would appear below root.path there. */
	if (!p->first_propagation)
		r = set_propagation(tree, "", AT_EMPTY_PATH, MS_PRIVATE);
	if (r < 0)
		return err_num(e, r, "make root.path %s private", p->root);
	r = mnt_attach(tree, target);
	return r < 0 ? err_num(e, r, "attach root.path %s", p->root) : take_fd(&tree);
}

void mnt_site_done(struct mnt_site *s)
{
	while (s->n_own)
		fd_done(&s->own[--s->n_own].fd);
	fd_done(&s->root);
}

int mnt_site_holder(const struct mnt_site *s, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	if (!slash || !strcmp(slash, "/.") || !strcmp(slash, "/.."))
		return -1;
	for (size_t i = 0; i < s->n_own; i++)
		if (strlen(s->own[i].path) == (size_t)(slash - path) && !strncmp(s->own[i].path, path, (size_t)(slash - path))) {
			*name = slash + 1;
			return s->own[i].fd;
		}
	return -1;
}

static bool is_own(const struct mnt_op *op)
{
	return op->kind == MNT_FS && op->plain_target && !op->o.copy_up &&
	       (!strcmp(op->fs, "proc") || !strcmp(op->fs, "sysfs") || !strcmp(op->fs, "tmpfs"));
}

void mnt_site_mounted(struct mnt_site *s, const struct mnt_op *op, int *tree)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_own; i++)
		if (path_is_under(s->own[i].path, op->target))
			fd_done(&s->own[i].fd);
		else
			s->own[n++] = s->own[i];
	s->n_own = n;
	if (!is_own(op) || n == MNT_OWN)
		return;
	s->own[n].path = op->target;
	s->own[n].fd = take_fd(tree);
	s->n_own++;
}

static int no_mount_point(const struct mnt_op *op, int r, struct err *e)
{
	if (r == -EROFS)
		return err_set(e, EROFS, "make mount point %s: it lies in a read-only file system and does not exist there", op->target);
	return err_num(e, r, "make mount point %s", op->target);
}

/* config.md demands "/proc" itself: an image whose /proc is a link would send masks and labels elsewhere
 * (CVE-2019-19921, CVE-2023-27561). */
static int open_plain(const struct mnt_op *op, int root, struct err *e)
{
	enum { HOW = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, STRICT = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS };
	int fd = sys_openat2(root, op->target, HOW, 0, STRICT), made;

	if (fd == -ENOENT) {
		made = path_make_missing(root, op->target, PATH_DIR);
		if (made < 0)
			return no_mount_point(op, made, e);
		close(made);
		fd = sys_openat2(root, op->target, HOW, 0, STRICT);
	}
	if (fd == -ELOOP || fd == -ENOTDIR)
		return err_set(e, -fd, "%s must be mounted on ordinary directory: in the image it is a symbolic link or a file", op->target);
	return fd < 0 ? err_num(e, fd, "open mount point %s", op->target) : fd;
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

/* Without a link on the way the words of the document are the whole truth, and the plan has judged them. */
static int open_straight(int root, const char *path)
{
	return sys_openat2(root, path, O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
}

static int open_target(const struct mnt_op *op, int root, enum path_kind kind, struct err *e)
{
	int fd, r;

	if (op->plain_target)
		return open_plain(op, root, e);
	fd = open_straight(root, op->target);
	if (fd >= 0)
		return fd;
	fd = fd == -ENOENT ? path_make_missing(root, op->target, kind) : path_make_in(root, op->target, kind);
	if (fd < 0)
		return no_mount_point(op, fd, e);
	r = refuse_procfs(op, fd, e);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

/* In a file system that only we have written to: nothing to resolve.  1: not such a place. */
static int attach_in_own(const struct mnt_site *s, const struct mnt_op *op, enum path_kind kind, int tree, struct err *e)
{
	const char *name;
	int holder = mnt_site_holder(s, op->target, &name), r;

	if (holder < 0 || kind != PATH_DIR || op->o.copy_up)
		return 1;
	if (mkdirat(holder, name, 0755) < 0 && errno != EEXIST)
		return errno == EPERM || errno == ENOENT || errno == EROFS ? 1 : err_sys(e, "make mount point %s", op->target);
	r = sys_move_mount(tree, "", holder, name, MOVE_MOUNT_F_EMPTY_PATH);
	return r < 0 ? 1 : 0;
}

static int remount(const struct mnt_op *op, int root, struct err *e)
{
	struct mount_attr own = { .attr_set = op->o.set, .attr_clr = op->o.clear };
	struct mount_attr rec = { .attr_set = op->o.rec_set, .attr_clr = op->o.rec_clear };
	auto_fd target = path_open_in(root, op->target, O_PATH);
	int r = target < 0 ? target : sys_mount_setattr(target, "", AT_EMPTY_PATH, &own);

	if (!r && (rec.attr_set | rec.attr_clr))
		r = sys_mount_setattr(target, "", AT_EMPTY_PATH | AT_RECURSIVE, &rec);
	return r < 0 ? err_num(e, r, "remount %s", op->target) : 0;
}

static int prove_procfs(const struct mnt_op *op, int tree, struct err *e)
{
	struct statfs fs;

	if (!op->procfs)
		return 0;
	if (fstatfs(tree, &fs) < 0)
		return err_sys(e, "statfs %s", op->source);
	return fs.f_type == PROC_SUPER_MAGIC ? 0 : err_set(e, EPERM, "bind %s on /proc: the source is not a proc file system", op->source);
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

static int attach(const struct mnt_site *s, const struct mnt_op *op, int tree, struct err *e)
{
	enum path_kind kind = PATH_DIR;
	auto_fd target = -1;
	int r = op->kind == MNT_BIND ? is_file(tree, &kind) : 0;

	if (r < 0)
		return err_num(e, r, "stat the source %s", op->source);
	r = attach_in_own(s, op, kind, tree, e);
	if (r <= 0)
		return r;
	target = open_target(op, s->root, kind, e);
	if (target < 0)
		return target;
	r = op->o.copy_up ? mnt_copy_up(op, target, tree, e) : 0;
	if (r < 0)
		return r;
	r = mnt_attach(tree, target);
	return r < 0 ? attach_error(op, r, tree, target, e) : 0;
}

static int apply_op(struct mnt_site *s, const struct mnt_op *op, int from_parent, struct err *e)
{
	auto_fd tree = from_parent;
	int r;

	if (op->kind == MNT_REMOUNT)
		return remount(op, s->root, e);
	if (tree < 0)
		tree = mnt_tree(op, -1, e);
	if (tree < 0)
		return tree;
	r = prove_procfs(op, tree, e);
	if (!r)
		r = attach(s, op, tree, e);
	if (!r)
		mnt_site_mounted(s, op, &tree);
	return r;
}

static int enter_place(const struct mnt_plan *p, struct mnt_site *s, struct err *e)
{
	s->root = fd_open(AT_FDCWD, p->root, O_PATH | O_DIRECTORY);
	return s->root < 0 ? err_num(e, s->root, "open root.path %s", p->root) : 0;
}

static void close_if_open(int fd)
{
	fd_done(&fd);
}

int mnt_build(const struct mnt_plan *p, int *trees, struct mnt_site *s, struct err *e)
{
	size_t n = 0;
	int r;

	*s = (struct mnt_site){ .root = -1 };
	if (p->enter_only)
		return enter_place(p, s, e);
	if (p->first_propagation) {
		r = set_propagation(AT_FDCWD, "/", AT_RECURSIVE, p->first_propagation);
		if (r < 0)
			return err_num(e, r, "cut the propagation of mounts to the host");
	}
	s->root = attach_root(p, p->root_by_parent ? take_fd(&trees[n++]) : -1, e);
	if (s->root < 0)
		return s->root;
	for (size_t i = 0; i < p->ops.len; i++) {
		const struct mnt_op *op = &p->ops.at[i];

		r = apply_op(s, op, op->by_parent ? take_fd(&trees[n++]) : -1, e);
		if (r < 0)
			return err_in(e, r, "mounts[%zu]", op->index);
	}
	r = mnt_make_devices(p, s, e);
	if (r < 0)
		return r;
	if (p->cwd && strcmp(p->cwd, "/"))
		close_if_open(path_make_in(s->root, p->cwd, PATH_DIR)); /* a failure shows at chdir, in better words */
	return 0;
}
