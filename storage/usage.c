/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/usage.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

static int walk(int dir, const char *name, uint64_t *bytes);

static int walk_dir(int dir, const char *name, uint64_t *bytes)
{
	int fd = fd_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd < 0 ? fd : -errno;
	for (const struct dirent *n = readdir(d); n && !r; n = readdir(d))
		if (strcmp(n->d_name, ".") != 0 && strcmp(n->d_name, "..") != 0)
			r = walk(dirfd(d), n->d_name, bytes);
	closedir(d);
	return r;
}

static int walk(int dir, const char *name, uint64_t *bytes)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	*bytes += (uint64_t)st.st_blocks * 512;
	return S_ISDIR(st.st_mode) ? walk_dir(dir, name, bytes) : 0;
}

int st_usage(int dir, const char *name, uint64_t *bytes, struct err *e)
{
	int r = walk(dir, name, bytes);

	return r < 0 ? err_num(e, r, "measure %s", name) : 0;
}
