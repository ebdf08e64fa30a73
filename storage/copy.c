/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/copy.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

enum { MAX_DEPTH = 100 };

static int copy_xattr(struct arena *a, const char *name, int from, int to)
{
	ssize_t n = fgetxattr(from, name, NULL, 0);
	char *value;

	if (n < 0)
		return -errno;
	value = arena_alloc(a, (size_t)n + 1);
	n = fgetxattr(from, name, value, (size_t)n);
	return n < 0 || fsetxattr(to, name, value, (size_t)n, 0) < 0 ? -errno : 0;
}

static int copy_xattrs(struct arena *a, int from, int to)
{
	ssize_t n = flistxattr(from, NULL, 0);
	char *names;
	int r = 0;

	if (n <= 0)
		return n < 0 && errno != ENOTSUP ? -errno : 0;
	names = arena_alloc(a, (size_t)n + 1);
	n = flistxattr(from, names, (size_t)n);
	for (char *p = names; n > 0 && p < names + n && !r; p += strlen(p) + 1)
		if (!text_starts(p, "trusted.")) /* also what marks layers */
			r = copy_xattr(a, p, from, to);
	return n < 0 ? -errno : r;
}

/* Owner first: chown(2) clears set-id bits, and file capabilities. */
static int copy_attributes(struct arena *a, const struct stat *st, int from, int to)
{
	const struct timespec times[] = { st->st_atim, st->st_mtim };
	int r;

	if (fchown(to, st->st_uid, st->st_gid) < 0 || fchmod(to, st->st_mode & 07777) < 0)
		return -errno;
	r = copy_xattrs(a, from, to);
	return r < 0 ? r : futimens(to, times) < 0 ? -errno : 0;
}

static int copy_file(int part, const char *name, int to)
{
	auto_arena mine = { 0 };
	auto_fd in = fd_open(part, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), out = -1;
	struct stat st;
	int r;

	if (in < 0)
		return in;
	if (fstat(in, &st) < 0 || !S_ISREG(st.st_mode))
		return -ESTALE; /* not what it was a moment ago */
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = fd_copy(in, out, st.st_size);
	return r < 0 ? r : copy_attributes(&mine, &st, in, out);
}

static int copy_link(int part, const char *name, const struct stat *st, int to)
{
	const struct timespec times[] = { st->st_atim, st->st_mtim };
	char target[PATH_MAX];
	ssize_t n = readlinkat(part, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = 0;
	if (symlinkat(target, to, name) < 0 || fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_fifo(const char *name, const struct stat *st, int to)
{
	if (mkfifoat(to, name, 0600) < 0 || fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return fchmodat(to, name, st->st_mode & 07777, 0) < 0 ? -errno : 0;
}

static int copy_into(const struct st_entry *from, int to, int depth);

static int copy_dir(const struct st_entry *from, const char *name, int to, int depth)
{
	auto_fd dir = -1;

	if (mkdirat(to, name, 0700) < 0)
		return -errno;
	dir = fd_open(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	return dir < 0 ? dir : copy_into(from, dir, depth + 1);
}

static int copy_entry(struct arena *a, const struct st_view *dir, const char *name, int to, int depth)
{
	struct st_entry found;
	int r = st_view_look(a, dir, name, &found), part;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	part = dir->at[found.part];
	if (S_ISDIR(found.st.st_mode))
		r = copy_dir(&found, name, to, depth);
	else if (S_ISREG(found.st.st_mode))
		r = copy_file(part, name, to);
	else if (S_ISLNK(found.st.st_mode))
		r = copy_link(part, name, &found.st, to);
	else if (S_ISFIFO(found.st.st_mode))
		r = copy_fifo(name, &found.st, to);
	st_view_done(&found.sub);
	return r;
}

/* With memory of its own, so that a wide tree holds no more than its deepest way. */
static int copy_into(const struct st_entry *from, int to, int depth)
{
	auto_arena mine = { 0 };
	strings names;
	int r = depth > MAX_DEPTH ? -ELOOP : st_view_names(&mine, &from->sub, &names);

	for (size_t i = 0; r >= 0 && i < names.len; i++)
		r = copy_entry(&mine, &from->sub, names.at[i], to, depth);
	return r < 0 ? r : copy_attributes(&mine, &from->st, from->sub.at[0], to);
}

int st_copy_tree(const struct st_entry *from, int to)
{
	return copy_into(from, to, 0);
}
