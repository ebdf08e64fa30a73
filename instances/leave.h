/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_LEAVE_H
#define INSTANCES_LEAVE_H
/*
 * An instance that goes on without its caller.  Only the parent of its first process learns how that ended, so a child
 * of this process makes the container and stays as that parent: it writes down the end, and removes what was made with
 * --rm.  It holds the instance's lock, no memory to speak of and nothing else; when it is killed the instance runs on.
 * While it waits it is kist-waiter, which at the end is kist again: "KIST --ended ROOT DATA NAME remove|keep LOCK STATUS".
 */
#include "instances/instance.h"

/* What makes the container, and returns while its first process lives. */
typedef int inst_begin(const struct ct_ctx *c, const struct ct_create *b, int *code, struct err *e);
/* Returns once `begin` has; its failure is this one's. */
int inst_leave(const struct ct_ctx *c, const struct inst *i, inst_begin *begin, const struct ct_create *b, struct err *e);

#define INST_ENDED "--ended"
enum { INST_ENDED_ARGS = 8 };
int inst_ended(struct arena *a, char **argv); /* the program's exit code */
#endif
