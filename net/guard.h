/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_GUARD_H
#define NET_GUARD_H
/*
 * What makes the loss of the firewall table harmless.  A foreign `nft flush ruleset` takes the table away, but not the host's routing
 * rules; these refuse to pass on whatever comes from a bridge of kist's, or goes to a subnet of one, unless it bears the mark
 * that only the table sets:
 *
 *	5210	the mark		skips the rest
 *	5211	the host's own packets	skip the rest
 *	5220	from the bridge, to the subnet of each network: prohibited
 *	5230	from interfaces whose forwarding kist itself has switched on: all the rest, which nobody passed on before either
 *	5290	where those that skip land
 *
 * With the last network all of it goes, and the forwarding that kist has switched on (forward.h).
 */
#include "net/fib.h"

enum { NET_GUARD_OTHERS = 5230, NET_GUARD_LANDING = 5290 };

int net_guard_set(struct arena *a, int data, const net_networks *all, struct err *e);
int net_guard_end(struct arena *a, int data, struct err *e); /* there is no network any more */
int net_guard_remove(const struct net_network *n, struct err *e); /* the rules of one that is no more */
/* How many of the rules are not among those that are `there`; `six`: 5230 refuses all of IPv6.  -errno */
int net_guard_missing(struct arena *a, int data, const net_networks *all, const net_fib_rules *there, size_t *count, bool *six);
#endif
