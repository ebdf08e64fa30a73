/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_PATH_H
#define BASE_PATH_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
/*
 * Paths.  The lexical half touches no file.  The other half reaches files under a root that somebody
 * else may be rewriting at the same moment, and therefore only through descriptors:
 * openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), never a string that the kernel resolves from our
 * own root (CVE-2021-30465, -2024-45310, -2025-31133 and their class).
 */

/* "/a/../b//c/." becomes "/b/c"; a relative path is taken from "/"; never climbs above "/". */
const char *path_clean(struct arena *a, const char *path);
/* The same kept relative: "" when nothing remains. */
const char *path_inside(struct arena *a, const char *path);
const char *path_join(struct arena *a, const char *dir, const char *rest);
bool path_is_clean(const char *path); /* no "..", "." or empty part; relative ones may be, too */
bool path_is_under(const char *path, const char *dir); /* both clean; true when equal */

/* Opens `path` as if `root` were "/": symbolic links stay inside. */
int path_open_in(int root, const char *path, uint64_t flags);

enum path_kind { PATH_DIR, PATH_FILE };
/*
 * Opens `path` under `root` as a path alone, making missing directories (0755) and, for PATH_FILE, an empty file.
 * A final symbolic link is followed inside the root, as every engine expects (/var/run → /run).
 */
int path_make_in(int root, const char *path, enum path_kind kind);
int path_make_missing(int root, const char *path, enum path_kind kind); /* … that was looked for in vain just now */
/*
 * Opens (O_PATH) the directory that holds the last component, making missing parents; *name points into
 * `path`.  For what must be created by name without following anything: device nodes, links.
 */
int path_parent_in(int root, const char *path, const char **name);
/* Removes the plain files of one of our own directories (leftovers of an interrupted write). */
int path_empty_dir(int dir);
int path_mkdirs(const char *path, mode_t mode); /* plain mkdir -p on the host, for our own directories */
#endif
