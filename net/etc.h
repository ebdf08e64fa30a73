/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_ETC_H
#define NET_ETC_H
/* The files "hosts", "hostname" and "resolv.conf" of an instance, for mounts to bind: members.h has the flow. */
#include "net/plan.h"

/* Before the instance is born, in its directory; those that p->etc asks for.  A hosts file of its own is still without the
 * members of its networks. */
int net_etc_make(struct arena *a, int data, int dir, const struct net_plan *p, const char *id, struct err *e);
/* What was given by name and address; `gateways` of both families, .family is 0 for none. */
int net_etc_lines(struct arena *a, const struct net_plan *p, const struct net_ip gateways[2], strings *out, struct err *e);
#endif
