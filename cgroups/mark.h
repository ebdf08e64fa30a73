/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_MARK_H
#define CGROUPS_MARK_H
/*
 * Whose a cgroup is stands on the cgroup itself, in an extended attribute: the container's id, or CG_PARENT for one that
 * was made on the way.  A record may be older than the truth (kist was killed, or somebody else took the place), so
 * nothing is killed in a cgroup that does not carry the container's own mark.
 *
 * trusted.* where the kernel lets us, because a container may own its cgroup's directory and with it every user.*
 * attribute; an unprivileged kist has only those, and its containers run as the same user.
 */
#include <stdbool.h>
#include <stddef.h>

#define CG_PARENT "parent of containers" /* a space: never an id */

/* A cgroup by its descriptor, or by its path when dir is -1. */
struct cg_place {
	int dir;
	const char *path;
};
int cg_mark_set(struct cg_place at, const char *id); /* -EEXIST: it has one, and nobody takes it away */
void cg_mark_clear(struct cg_place at);
bool cg_mark_is(struct cg_place at, const char *id);
/* Only by the mark that a container cannot write: for a search that goes through cgroups of containers' own making. */
bool cg_mark_is_trusted(struct cg_place at, const char *id);
bool cg_mark_any(struct cg_place at);
bool cg_mark_is_of_another(struct cg_place at, const char *id);
#endif
