/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/mark.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

enum { ROOM = 1100 }; /* more than the longest id */

/* In the order of their worth: what only the host's root can write decides. */
static const char *const names[] = { "trusted.kist", "user.kist" };
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static ssize_t get(struct cg_place at, char mark[ROOM])
{
	ssize_t n = -1;

	for (int i = 0; i < NAMES && n < 0; i++)
		n = at.dir < 0 ? getxattr(at.path, names[i], mark, ROOM) : fgetxattr(at.dir, names[i], mark, ROOM);
	return n;
}

int cg_mark_set(struct cg_place at, const char *id)
{
	int r = -1;

	for (int i = 0; i < NAMES && r < 0; i++)
		r = at.dir < 0 ? setxattr(at.path, names[i], id, strlen(id), 0) : fsetxattr(at.dir, names[i], id, strlen(id), 0);
	return r < 0 ? -errno : 0;
}

bool cg_mark_is(struct cg_place at, const char *id)
{
	char mark[ROOM];
	ssize_t n = get(at, mark);

	return n >= 0 && (size_t)n == strlen(id) && !memcmp(mark, id, (size_t)n);
}

bool cg_mark_any(struct cg_place at)
{
	char mark[ROOM];

	return get(at, mark) >= 0;
}
