/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/mark.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

enum { ROOM = 1100 }; /* more than the longest id */

/* In the order of their worth: what only the host's root can write decides. */
static const char *const names[] = { "trusted.kist", "user.kist" };
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static ssize_t get(struct cg_place at, char mark[ROOM], int worth)
{
	ssize_t n = -1;

	for (int i = 0; i < worth && n < 0; i++)
		n = at.dir < 0 ? getxattr(at.path, names[i], mark, ROOM) : fgetxattr(at.dir, names[i], mark, ROOM);
	return n;
}

static bool is_that(const char *mark, ssize_t n, const char *id)
{
	return n >= 0 && (size_t)n == strlen(id) && !memcmp(mark, id, (size_t)n);
}

static bool is(struct cg_place at, const char *id, int worth)
{
	char mark[ROOM];

	return is_that(mark, get(at, mark, worth), id);
}

/* Of two who come at once the second must see it: taking a cgroup is this one system call. */
int cg_mark_set(struct cg_place at, const char *id)
{
	size_t n = strlen(id);
	int r = -1;

	for (int i = 0; i < NAMES && r < 0 && (!i || errno == EPERM); i++)
		r = at.dir < 0 ? setxattr(at.path, names[i], id, n, XATTR_CREATE) : fsetxattr(at.dir, names[i], id, n, XATTR_CREATE);
	return r < 0 ? -errno : 0;
}

void cg_mark_clear(struct cg_place at)
{
	for (int i = 0; i < NAMES; i++)
		(void)(at.dir < 0 ? removexattr(at.path, names[i]) : fremovexattr(at.dir, names[i]));
}

bool cg_mark_is(struct cg_place at, const char *id)
{
	return is(at, id, NAMES);
}

bool cg_mark_is_trusted(struct cg_place at, const char *id)
{
	return is(at, id, 1);
}

bool cg_mark_is_of_another(struct cg_place at, const char *id)
{
	char mark[ROOM];
	ssize_t n = get(at, mark, NAMES);

	return n >= 0 && !is_that(mark, n, id);
}

bool cg_mark_any(struct cg_place at)
{
	char mark[ROOM];

	return get(at, mark, NAMES) >= 0;
}
