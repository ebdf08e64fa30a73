/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_GUARD_H
#define NET_GUARD_H
/*
 * What makes the loss of the firewall table harmless.  A foreign `nft flush ruleset` takes the table away, but not the host's routing
 * rules; these refuse to pass on whatever comes from a bridge of kist's, or goes to a subnet of one, unless it bears the mark
 * that only the table sets:
 *
 *	5200	the mark		skips the rest
 *	5201	the host's own packets	skip the rest
 *	5202	from the bridge, to the subnet of each network: prohibited
 *	5203	the administrator's exceptions to the next, which skip it
 *	5204	from interfaces whose forwarding kist itself has switched on: all the rest, which nobody passed on before either
 *	5205	where those that skip land
 *
 * The numbers have no gap between them: a rule of somebody else there would be skipped, too, by all that the host sends.  (Those of
 * tailscale, which lead into a VPN, are 5210 to 5270.)
 *
 * With the last network all of it goes, and the forwarding that kist has switched on (forward.h).
 */
#include "net/fib.h"

enum { NET_GUARD_FIRST = 5200, NET_GUARD_EXCEPTIONS = 5203, NET_GUARD_OTHERS, NET_GUARD_LANDING };

int net_guard_set(struct arena *a, int data, const net_networks *all, struct err *e);
int net_guard_end(struct arena *a, int data, struct err *e); /* there is no network any more */
int net_guard_remove(const struct net_network *n, struct err *e); /* the rules of one that is no more */
/* How many of the rules are not among those that are `there`; `six`: it refuses all of IPv6.  -errno */
int net_guard_missing(struct arena *a, int data, const net_networks *all, const net_fib_rules *there, size_t *count, bool *six);
#endif
