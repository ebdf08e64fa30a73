/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_SHARE_H
#define NET_SHARE_H
/*
 * A network namespace lives as long as anybody is in it: when its container ends, the interfaces of one that is shared stay, with
 * their addresses.  As long as a sharer lives, they are not given to others; when the container itself is deleted or started again,
 * they are taken out.  The caller holds the lock "networks".
 */
#include "net/lease.h"

/* One more is in the network namespace, in which its owner or another sharer must still be.  One without addresses has nothing to be kept. */
int net_share(struct arena *a, int data, int netns, const struct net_sharer *one, struct err *e);
/* Before what r has is given back. */
int net_share_end(struct arena *a, const struct net_record *r, struct err *e);
/* The same for a namespace that only the kernel keeps, for minutes, for a connection whose client is gone: it answers nobody any more. */
void net_cut_off(struct arena *a, const struct net_record *r);
#endif
