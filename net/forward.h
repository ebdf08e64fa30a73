/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_FORWARD_H
#define NET_FORWARD_H
/*
 * IP forwarding.  Where the administrator has not switched it on for all interfaces, kist does so for those that there are, as
 * clients may come by any of them; IPv6 knows it for all together only.  What kist switches on is written down before, in
 * forwarding/switched.json of the data directory, and switched off again with the last network.
 *
 * So is src_valid_mark: a host with rp_filter, which systemd sets everywhere, asks for the way back to the sender of each packet that it
 * passes on, and without the mark the routing rules of guard.h prohibit that way.
 */
#include "net/network.h"

/* What kist has switched on or will, without its own bridges: guard.c first keeps everything else from being passed on.  -errno */
struct net_forwarding {
	strings interfaces; /* of IPv4 */
	bool four, six;	    /* false: not, or no longer, kist's doing */
};
int net_forward_plan(struct arena *a, int data, const net_networks *all, struct net_forwarding *out);
int net_forward_known(struct arena *a, int data, struct net_forwarding *out); /* the same of what it has switched on so far */
int net_forward(struct arena *a, int data, const net_networks *all);
/* Interfaces by which clients may come and whose packets are not passed on. */
strings net_forward_off(struct arena *a, const net_networks *all);
/* Interfaces that no longer listen to router advertisements because kist has switched IPv6 forwarding on. */
strings net_forward_deaf(struct arena *a, int data);
int net_forward_end(struct arena *a, int data);
#endif
