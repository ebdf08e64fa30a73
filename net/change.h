/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CHANGE_H
#define NET_CHANGE_H
/* Networks and ports of a container that lives, changed.  The caller holds the lock "networks" of the data directory. */
#include "net/join.h"

struct net_change {
	struct arena *a;
	const struct net_plan *plan;
	const struct net_place *at;
	struct net_record before, after; /* after: the plan's networks in its order, then those that are left */
	net_joins had, all;		 /* all: one for each of the plan's networks, at the same place as in after.networks */
	bool known;			 /* there was a record of it */
	bool written;			 /* there is another now */
};

/* Finds out what there is and what has to become of it, takes addresses, and refuses what cannot be: nothing else changes until then. */
int net_change_begin(struct arena *a, const struct net_plan *p, const struct net_place *at, struct net_change *out, struct err *e);
/* Then the one or the other.  After a failure all is as it was, but for an interface that could not be removed. */
int net_change_do(struct net_change *c, struct err *e);
void net_change_undo(struct net_change *c);

/* Every container whose change was killed: the networks that it had begun to join, or to leave, are left. */
int net_change_finish(struct arena *a, int data, struct err *e);
#endif
