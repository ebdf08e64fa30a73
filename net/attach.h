/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_ATTACH_H
#define NET_ATTACH_H
/* A container comes into its networks and leaves them.  The caller holds the lock "networks" of the data directory. */
#include "net/place.h"
#include "net/plan.h"

/* All of p->wishes, and p->ports.  After a failure net_detach() takes back what was done.  -EAGAIN: phys.h. */
int net_attach(struct arena *a, const struct net_plan *p, const struct net_place *at, struct err *e);
/* Leases and ports; its interfaces go with its namespace.  A container that has none is no error, nor is another one of that id that
 * lives.  > 0: net_phys_settle() has to come, when the host's own interfaces are back that it had.  `who` needs no netns. */
int net_detach(struct arena *a, const struct net_place *who, struct err *e);
#endif
