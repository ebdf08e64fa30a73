/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

enum { IN_ROOT = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

const char *path_clean(struct arena *a, const char *path)
{
	char *out = arena_alloc(a, strlen(path) + 2);
	size_t len = 0;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && path[0] == '.' && path[1] == '.') {
			while (len && out[--len] != '/')
				;
		} else if (n && !(n == 1 && path[0] == '.')) {
			out[len++] = '/';
			memcpy(out + len, path, n);
			len += n;
		}
		path += n;
		path += *path == '/';
	}
	if (!len)
		out[len++] = '/';
	out[len] = 0;
	return out;
}

const char *path_inside(struct arena *a, const char *path)
{
	return path_clean(a, path) + 1;
}

const char *path_join(struct arena *a, const char *dir, const char *rest)
{
	if (*rest == '/')
		return arena_strdup(a, rest);
	return arena_printf(a, "%s%s%s", dir, *dir && dir[strlen(dir) - 1] == '/' ? "" : "/", rest);
}

bool path_is_clean(const char *path)
{
	bool root = !strcmp(path, "/");

	path += *path == '/';
	for (const char *end; !root; path = end + 1) {
		size_t n;

		end = strchrnul(path, '/');
		n = (size_t)(end - path);
		if (!n || (path[0] == '.' && (n == 1 || (n == 2 && path[1] == '.'))))
			return false;
		if (!*end)
			break;
	}
	return true;
}

bool path_is_under(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1)
		return true;
	return !strncmp(path, dir, n) && (!path[n] || path[n] == '/');
}

int path_open_in(int root, const char *path, uint64_t flags)
{
	return sys_openat2(root, *path ? path : ".", flags | O_CLOEXEC, 0, IN_ROOT);
}

/* The deepest directory on the way to path[0..*have) that exists; *have becomes its length. */
static int open_existing(int root, char *path, size_t *have)
{
	for (;;) {
		char was = path[*have];
		int fd;

		path[*have] = 0;
		fd = path_open_in(root, *have ? path : "/", O_PATH | O_DIRECTORY);
		path[*have] = was;
		if (fd != -ENOENT || !*have)
			return fd;
		while (*have && path[--*have] != '/')
			;
	}
}

/* Makes one missing directory and enters it.  It is ours, so a link in its place is an attack: refused. */
static int enter_new(int dir, const char *name, size_t n)
{
	char part[NAME_MAX + 1];
	int fd;

	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(part, name, n);
	part[n] = 0;
	if (!strcmp(part, ".."))
		return -ENOENT; /* behind what does not exist it has no meaning, and must not climb */
	if (mkdirat(dir, part, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Opens path[0..len), making what is missing: first as deep as exists, resolved by the kernel below the root,
 * then downwards one descriptor after the other. */
static int make_dirs(int root, char *path, size_t len)
{
	size_t have = len;
	auto_fd dir = open_existing(root, path, &have);

	while (dir >= 0 && have < len) {
		size_t from = have + strspn(path + have, "/"), n = strcspn(path + from, "/");
		int next;

		if (from + n > len)
			n = len > from ? len - from : 0;
		if (!n)
			break;
		next = enter_new(dir, path + from, n);
		close(dir);
		dir = next;
		have = from + n;
	}
	return dir < 0 ? dir : take_fd(&dir);
}

static int copy_path(char out[PATH_MAX], const char *path, size_t *parent_len, const char **name)
{
	size_t n = strlen(path);
	const char *slash;

	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(out, path, n + 1);
	slash = strrchr(out, '/');
	*parent_len = slash ? (size_t)(slash - out) : 0;
	*name = slash ? slash + 1 : out;
	return 0;
}

int path_parent_in(int root, const char *path, const char **name)
{
	char copy[PATH_MAX];
	size_t n;
	int r = copy_path(copy, path, &n, name);

	if (r < 0)
		return r;
	*name = path + (*name - copy);
	return make_dirs(root, copy, n);
}

static int make_last(int dir, const char *name, enum path_kind kind)
{
	int fd;

	if (kind == PATH_FILE)
		fd = openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0644);
	else
		fd = mkdirat(dir, name, 0755) < 0 ? -1 : openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Many images have /etc/resolv.conf as a link to what exists only on a booted machine: what it points at is
 * made, as if "/" were the root. */
static int follow_dangling(int dir, const char *name, char path[PATH_MAX], size_t parent_len)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = 0;
	if (*target == '/')
		parent_len = 0;
	if (parent_len + 1 + (size_t)n >= PATH_MAX)
		return -ENAMETOOLONG;
	path[parent_len] = '/';
	memcpy(path + parent_len + (*target != '/'), target, (size_t)n + 1);
	return 0;
}

static int look_and_make(int root, const char *path, enum path_kind kind, bool look)
{
	char now[PATH_MAX], next[PATH_MAX];
	const char *name;
	size_t parent_len;
	int r = 0;

	for (int links = 0; links < 40; links++, look = true) {
		int fd = look ? path_open_in(root, path, O_PATH) : -ENOENT;

		if (fd != -ENOENT)
			return fd;
		r = copy_path(now, path, &parent_len, &name);
		if (r < 0)
			return r;
		{
			auto_fd dir = make_dirs(root, now, parent_len);

			if (dir < 0)
				return dir;
			r = make_last(dir, name, kind);
			if (r != -EEXIST)
				return r;
			r = follow_dangling(dir, name, now, parent_len);
			if (r == -EINVAL)
				continue; /* no link any more: somebody made it at this moment */
			if (r < 0)
				return r;
		}
		memcpy(next, now, sizeof(next));
		path = next;
	}
	return -ELOOP;
}

int path_make_in(int root, const char *path, enum path_kind kind)
{
	return look_and_make(root, path, kind, true);
}

int path_make_missing(int root, const char *path, enum path_kind kind)
{
	return look_and_make(root, path, kind, false);
}

int path_mkdirs(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return -errno;
	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(path, mode) == 0 || errno == EEXIST ? 0 : -errno;
}

int path_empty_dir(int dir)
{
	int copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);

	if (!d)
		return copy < 0 ? copy : -errno;
	for (struct dirent *n = readdir(d); n; n = readdir(d))
		if (n->d_type == DT_REG)
			(void)unlinkat(dir, n->d_name, 0);
	closedir(d);
	return 0;
}
