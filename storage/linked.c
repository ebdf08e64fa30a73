/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/linked.h"

#include <stdint.h>

struct st_linked_row {
	dev_t dev;
	ino_t ino;
	const char *path;
};

static struct st_linked_row *find(const struct st_linked *l, dev_t dev, ino_t ino)
{
	size_t i = (size_t)((uint64_t)ino * 0x9e3779b97f4a7c15ULL ^ (uint64_t)dev);

	while (l->rows[i & (l->room - 1)].path &&
	       (l->rows[i & (l->room - 1)].ino != ino || l->rows[i & (l->room - 1)].dev != dev))
		i++;
	return &l->rows[i & (l->room - 1)];
}

static void grow(struct st_linked *l, struct arena *a)
{
	struct st_linked bigger = { NULL, l->n, l->room ? l->room * 2 : 64 };

	bigger.rows = arena_array(a, bigger.room, sizeof(*bigger.rows));
	for (size_t i = 0; i < l->room; i++)
		if (l->rows[i].path)
			*find(&bigger, l->rows[i].dev, l->rows[i].ino) = l->rows[i];
	*l = bigger;
}

const char *st_linked(struct st_linked *l, struct arena *a, const struct stat *st, const char *path)
{
	struct st_linked_row *row;

	if (st->st_nlink < 2 || S_ISDIR(st->st_mode))
		return NULL;
	if (l->n * 2 >= l->room)
		grow(l, a);
	row = find(l, st->st_dev, st->st_ino);
	if (row->path)
		return row->path;
	*row = (struct st_linked_row){ st->st_dev, st->st_ino, path };
	l->n++;
	return NULL;
}
