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

/* Each component is resolved by the kernel below the root again: a directory swapped for a link meanwhile
 * leads elsewhere inside the root, never outside. */
static int make_dirs(int root, const char *path, size_t upto)
{
	char part[PATH_MAX];
	size_t n = 0;

	if (upto >= sizeof(part))
		return -ENAMETOOLONG;
	while (n < upto) {
		size_t was = n;

		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
		if (n > upto)
			n = upto;
		memcpy(part, path, n);
		part[n] = 0;
		{
			auto_fd there = path_open_in(root, part, O_PATH | O_DIRECTORY);
			auto_fd parent = -1;
			const char *name = part + was + strspn(part + was, "/");

			if (there >= 0 || !*name)
				continue;
			if (there != -ENOENT)
				return there;
			if (was)
				part[was] = 0;
			parent = path_open_in(root, was ? part : "/", O_PATH | O_DIRECTORY);
			if (parent < 0)
				return parent;
			if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
				return -errno;
		}
	}
	return 0;
}

int path_parent_in(int root, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	char dir[PATH_MAX];
	int fd, r;

	if (n >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(dir, path, n);
	dir[n] = 0;
	*name = slash ? slash + 1 : path;
	fd = path_open_in(root, n ? dir : "/", O_PATH | O_DIRECTORY);
	if (fd != -ENOENT)
		return fd;
	r = make_dirs(root, path, n);
	return r < 0 ? r : path_open_in(root, n ? dir : "/", O_PATH | O_DIRECTORY);
}

int path_make_in(int root, const char *path, enum path_kind kind)
{
	int fd = path_open_in(root, path, O_PATH);
	const char *name;
	int r;

	if (fd != -ENOENT)
		return fd;
	if (kind == PATH_DIR) {
		r = make_dirs(root, path, strlen(path));
		if (r < 0)
			return r;
	} else {
		auto_fd dir = path_parent_in(root, path, &name);
		auto_fd file = -1;

		if (dir < 0)
			return dir;
		file = openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0644);
		if (file < 0 && errno != EEXIST)
			return -errno;
	}
	return path_open_in(root, path, O_PATH);
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
