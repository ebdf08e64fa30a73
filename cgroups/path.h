/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_PATH_H
#define CGROUPS_PATH_H
/* What making and removing a cgroup share; nothing outside cgroups/ includes it. */
#include "cgroups/mark.h"

int cg_full_path(char *out, size_t size, const char *mount, const char *path); /* -ENAMETOOLONG */
static inline struct cg_place cg_by_path(const char *path)
{
	return (struct cg_place){ -1, path };
}
bool cg_says(int dir, const char *words); /* cgroup.events has the words now */
/* `path` is cut to the first parent that stays. */
void cg_remove_parents(char *path, size_t mount_len);
#endif
