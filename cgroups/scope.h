/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_SCOPE_H
#define CGROUPS_SCOPE_H
/* systemd scopes through the program kist-systemd, whose path the caller knows. */
#include <sys/types.h>

#include "cgroups/unit.h"

/* The helper sits in the new scope and keeps it alive until it is let go; a zeroed one with fd -1 holds nothing. */
struct cg_scope {
	pid_t pid; /* 0: none to be waited for */
	int fd;
};

/* Returns when systemd has started the scope; *path is its cgroup, in the arena. */
int cg_scope_start(struct arena *a, const char *program, const struct cg_unit *u, struct cg_scope *hold, const char **path, struct err *e);
/* As soon as the scope has a process of its own: the helper counts among the container's, and freezes with them. */
void cg_scope_let_go(struct cg_scope *hold);
void cg_scope_release(struct cg_scope *hold); /* lets go, and waits for the helper's end */
/* Moves the caller itself from its login session, out of which a user may not move anything, to a scope of its own
 * beside the containers of the user's manager. */
int cg_scope_adopt(struct arena *a, const char *program, struct err *e);
int cg_scope_set(struct arena *a, const char *program, const struct cg_unit *u, struct err *e);
/* The scope's cgroup, or NULL when systemd has no such unit. */
int cg_scope_find(struct arena *a, const char *program, const char *unit, bool user, const char **path, struct err *e);
int cg_scope_stop(struct arena *a, const char *program, const char *unit, bool user, struct err *e); /* an unknown one is success */
#endif
