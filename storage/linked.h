/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_LINKED_H
#define STORAGE_LINKED_H
/* Which name a file with several names was met under first. */
#include <sys/stat.h>

#include "base/arena.h"

struct st_linked {
	struct st_linked_row *rows; /* open addressing, a power of two */
	size_t n, room;
};
/* NULL the first time, and for files with one name; `path` is kept. */
const char *st_linked(struct st_linked *l, struct arena *a, const struct stat *st, const char *path);
#endif
