/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "namespaces/tree.h"

enum { MAX_DEPTH = 128 };

static int copy_tree(int from, int to, int depth);

static int copy_data(int from, int to, const char *name, const struct stat *st)
{
	auto_fd in = sys_openat2(from, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	auto_fd out = -1;
	int r;

	if (in < 0)
		return in;
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = fd_copy(in, out, st->st_size);
	if (r < 0)
		return r;
	/* Owner first: chown(2) clears set-id bits that chmod then restores. */
	return fchown(out, st->st_uid, st->st_gid) < 0 || fchmod(out, st->st_mode & 07777) < 0 ? -errno : 0;
}

static int copy_link(int from, int to, const char *name, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = 0;
	if (symlinkat(target, to, name) < 0)
		return -errno;
	return fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_dir(int from, int to, const char *name, const struct stat *st, int depth)
{
	auto_fd in = sys_openat2(from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	auto_fd out = -1;
	int r;

	if (in == -EXDEV)
		return 0; /* something is mounted there: not part of the image */
	if (in < 0)
		return in;
	if (mkdirat(to, name, 0700) < 0)
		return -errno;
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return -errno;
	r = copy_tree(in, out, depth + 1);
	if (r < 0)
		return r;
	return fchown(out, st->st_uid, st->st_gid) < 0 || fchmod(out, st->st_mode & 07777) < 0 ? -errno : 0;
}

static int copy_entry(int from, int to, const char *name, int depth)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return copy_dir(from, to, name, &st, depth);
	if (S_ISREG(st.st_mode))
		return copy_data(from, to, name, &st);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, name, &st);
	return 0; /* sockets, FIFOs and devices of an image mean nothing in a fresh tmpfs */
}

static int copy_tree(int from, int to, int depth)
{
	DIR *d;
	int dup_fd, r = 0;

	if (depth > MAX_DEPTH)
		return -ELOOP;
	dup_fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = dup_fd < 0 ? NULL : fdopendir(dup_fd);
	if (!d)
		return -errno;
	for (struct dirent *n = readdir(d); n && !r; n = readdir(d))
		if (strcmp(n->d_name, ".") && strcmp(n->d_name, ".."))
			r = copy_entry(from, to, n->d_name, depth);
	closedir(d);
	return r;
}

static bool says_mode(const struct mnt_op *op)
{
	for (size_t i = 0; i < op->o.data.len; i++)
		if (!strncmp(op->o.data.at[i], "mode=", 5))
			return true;
	return false;
}

static int copy_owner(const struct mnt_op *op, int from, int to)
{
	/* Both are only paths; fchmod(2) wants the directory itself. */
	auto_fd dir = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (dir < 0 || fstat(from, &st) < 0 || fchown(dir, st.st_uid, st.st_gid) < 0)
		return -errno;
	return says_mode(op) || fchmod(dir, st.st_mode & 07777) == 0 ? 0 : -errno;
}

int mnt_copy_up(const struct mnt_op *op, int from, int to, struct err *e)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	int r = copy_tree(from, to, 0);

	if (!r)
		r = copy_owner(op, from, to);
	if (!r && (op->o.set | op->o.rec_set) & MOUNT_ATTR_RDONLY)
		r = sys_mount_setattr(to, "", AT_EMPTY_PATH, &ro);
	if (r == -ENOSPC)
		return err_set(e, ENOSPC, "the tmpfs is too small for what the image has there: give it more by size= and nr_inodes=, or leave it empty by notmpcopyup");
	return r < 0 ? err_num(e, r, "fill the tmpfs from the image (tmpcopyup)") : 0;
}
