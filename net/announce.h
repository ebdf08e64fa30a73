/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_ANNOUNCE_H
#define NET_ANNOUNCE_H
/*
 * Neighbours remember for minutes which MAC an address has.  On a bridge of kist's an address that the network has chosen always
 * has the same one (join.c), so there is nothing to tell; elsewhere, and where the MAC was chosen, the interface says which it has now.
 *
 * The kernel says it, by ARP and by a neighbour advertisement, when it is told so and the MAC is set.  A packet socket would have to
 * wait at its end until all others of the kernel have noticed, which takes 10 ms and more.
 */
#include "net/bridge.h"

/* Once the interface is up and has its addresses.  Best effort; an ipvlan has its parent's MAC and cannot. */
void net_announce(struct nl *host, struct nl *inside, const struct net_port *p);
#endif
