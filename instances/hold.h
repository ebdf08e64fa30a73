/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_HOLD_H
#define INSTANCES_HOLD_H
/*
 * An instance whose directory is being read.  A stopped one cannot be started meanwhile; one that runs stands still, if
 * that is wanted, and the signals by which people end a program wait until it goes on again.
 */
#include <signal.h>

#include "instances/instance.h"

struct inst_hold {
	const struct ct_ctx *c;
	struct inst i;
	bool paused;
	sigset_t before;
	pid_t guard; /* who lets it go on when this process is killed */
	int word;    /* to the guard, that it need not */
	int turn;    /* a lock that the guard shares: who is next waits until it has gone, too */
	strings tree; /* the directories that its root is made of, the top one first */
	bool upper;   /* the first of them is its own */
};
#define INST_HOLD_NONE { .i = INST_NONE, .word = -1, .turn = -1 }
int inst_hold(const struct ct_ctx *c, const char *data, const char *name, bool pause, struct inst_hold *out, struct err *e);
/* What has been read is whole only if it is still there: who removes it does not ask. */
int inst_hold_check(const struct inst_hold *h, struct err *e);
int inst_let_go(struct inst_hold *h, struct err *e); /* ahead of inst_hold_done, for its failure */
void inst_hold_done(struct inst_hold *h);
#define auto_hold __attribute__((cleanup(inst_hold_done))) struct inst_hold
#endif
