/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

/* Calls for every entry of a directory of the store; one that is not there has none. */
static int each(const struct st_store *s, const char *folder, int (*look)(const struct st_store *, int, const char *, bool,
									   struct st_junk *, struct err *),
		bool remove, struct st_junk *add, struct err *e)
{
	int fd = fd_open(s->dir, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return fd == -ENOENT ? 0 : err_num(e, fd < 0 ? fd : -errno, "look for leftovers in %s/%s", s->path, folder);
	for (const struct dirent *n = readdir(d); n && !r; n = readdir(d))
		if (*n->d_name != '.')
			r = look(s, fd, n->d_name, remove, add, e);
	closedir(d);
	return r;
}

static int look_at_volume(const struct st_store *s, int dir, const char *name, bool remove, struct st_junk *add, struct err *e)
{
	auto_fd volume = fd_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	(void)s;
	return volume < 0 ? 0 : st_sweep(volume, remove, add, e);
}

static int look_at_ids(const struct st_store *s, int dir, const char *name, bool remove, struct st_junk *add, struct err *e)
{
	char owner[NAME_MAX + 1], path[NAME_MAX + 16] = "instances/";
	ssize_t n = readlinkat(dir, name, owner, sizeof(owner) - 1);

	(void)e;
	if (n <= 0)
		return 0;
	owner[n] = 0;
	memcpy(path + strlen(path), owner, (size_t)n + 1);
	if (faccessat(s->dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
		return 0;
	add->count++;
	if (remove && unlinkat(dir, name, 0) < 0)
		add->failed++;
	return 0;
}

int st_sweep_instances(const struct st_store *s, bool remove, struct st_junk *add, struct err *e)
{
	static const char *const folders[] = { "instances", "volumes" };
	int r = 0;

	for (size_t i = 0; i < 2 && !r; i++) {
		auto_fd dir = fd_open(s->dir, folders[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

		r = dir == -ENOENT ? 0 : dir < 0 ? err_num(e, dir, "open %s/%s", s->path, folders[i]) : st_sweep(dir, remove, add, e);
	}
	if (!r)
		r = each(s, "volumes", look_at_volume, remove, add, e);
	return r ? r : each(s, "ids", look_at_ids, remove, add, e);
}
