/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_ATTACH_H
#define NET_ATTACH_H
/* A container comes into its networks and leaves them.  The caller holds the lock "networks" of the data directory. */
#include <sys/types.h>

#include "net/plan.h"

struct net_place {
	int data;     /* the data directory */
	const char *id;
	pid_t pid;    /* the container's init, and its start time: as long as it lives its addresses are taken */
	uint64_t start;
	int netns;
};
/* All of p->wishes, and p->ports.  After a failure net_detach() takes back what was done. */
int net_attach(struct arena *a, const struct net_plan *p, const struct net_place *at, struct err *e);
/* Leases and ports; its interfaces go with its namespace.  A container that has none is no error. */
int net_detach(struct arena *a, int data, const char *id, struct err *e);
#endif
