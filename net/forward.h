/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_FORWARD_H
#define NET_FORWARD_H
/*
 * IP forwarding.  Where the administrator has not switched it on for all interfaces, kist does so for those that there are, as
 * clients may come by any of them; IPv6 knows it for all together only.  What kist switches on is written down before, in
 * forwarding/switched.json of the data directory, and switched off again with the last network.
 */
#include "net/network.h"

/* Which families kist has switched on or will, as NET_FORWARDS_*: guard.c first keeps everything else from being passed on.
 * -errno */
enum { NET_FORWARDS_4 = 1, NET_FORWARDS_6 = 2 };
int net_forward_plan(struct arena *a, int data, const net_networks *all);
int net_forward(struct arena *a, int data, const net_networks *all);
int net_forward_end(struct arena *a, int data);
#endif
