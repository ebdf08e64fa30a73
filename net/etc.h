/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_ETC_H
#define NET_ETC_H
/* The files "hosts", "hostname" and "resolv.conf" of an instance, for mounts to bind: members.h has the flow. */
#include "net/join.h"

/* Before the instance is born, in its directory; those that p->etc asks for.  A hosts file of its own is still without the
 * members of its networks. */
int net_etc_make(struct arena *a, int data, int dir, const struct net_plan *p, const char *id, struct err *e);
/* For one that runs, once it has the networks of `p`: what follows from them besides names. */
int net_etc_follow(struct arena *a, int dir, const struct net_plan *p, const char *id, struct err *e);
/* What the container is called, and what else stands in its hosts file: known with its networks, and kept in its record. */
int net_etc_know(struct arena *a, int data, const struct net_plan *p, const net_joins *all, struct net_record *r, struct err *e);
#endif
