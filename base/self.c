/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/self.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXE "/proc/self/exe"

static int same_file(const char *path)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(EXE, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

const char *self_path(struct arena *a, const char *argv0)
{
	char link[PATH_MAX];
	ssize_t n = readlink(EXE, link, sizeof(link) - 1);

	if (n > 0) {
		link[n] = 0;
		if (*link == '/' && same_file(link))
			return arena_strdup(a, link);
	}
	return argv0 && *argv0 == '/' && same_file(argv0) ? argv0 : NULL;
}

const char *self_helper(struct arena *a, const char *argv0, const char *name)
{
	const char *path = arena_printf(a, "%s/%s", LIBEXECDIR, name), *self;

	if (access(path, X_OK) == 0)
		return path;
	self = self_path(a, argv0);
	if (!self)
		return NULL;
	path = arena_printf(a, "%.*s/%s", (int)(strrchr(self, '/') - self), self, name);
	return access(path, X_OK) == 0 ? path : NULL;
}
