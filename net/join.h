/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_JOIN_H
#define NET_JOIN_H
/* One network of a container: looked up and leased, then made in its namespace.  attach.h does it for all of a container's. */
#include "net/bandwidth.h"
#include "net/bridge.h"
#include "net/place.h"
#include "net/plan.h"

struct net_join {
	struct net_network network;
	struct net_port port;
	struct net_inside inside;
	struct net_limits limits; /* as the record has them */
	bool announce;		  /* neighbours may know its addresses by another MAC */
	bool inherited;		  /* an address of the dead: rules may still lead to it */
};
typedef LIST_OF(struct net_join) net_joins;
bool net_joins_own(const net_joins *l); /* any of them is in a network of kist's own making */

/*
 * Looks the network up and takes addresses in it.  The record has one entry more afterwards, for which its list must have
 * room: also after a failure, because what was taken by then is given back by it.
 */
int net_join_take(struct arena *a, const struct net_place *at, const struct net_wish *w, struct net_record *record, struct net_join *out,
		  struct err *e);
/* Of one that it is in already.  A network whose definition has been lost has no way out. */
void net_join_known(struct arena *a, int data, const struct net_attachment *had, struct net_join *out);
/* The interface, with all that `j` says.  1: the whole firewall table has to be made, as for a bridge that is new.  `host` and `inside` are sockets of the two namespaces. */
int net_join_make(struct nl *host, struct nl *inside, const struct net_join *j, struct err *e);
#endif
