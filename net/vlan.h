/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_VLAN_H
#define NET_VLAN_H
/* VLANs: one of a bridge for a port of it, one of an interface as an interface of its own. */
#include "net/link.h"
#include "net/network.h"

/* *link is the interface that the network names, and becomes its part for the network's VLAN, which is made unless it is there. */
int net_vlan_ensure(struct nl *host, const struct net_network *n, struct net_link *link, struct err *e);
/* Takes that part away if it was made by net_vlan_ensure(). */
int net_vlan_remove(struct nl *host, const struct net_network *n, struct err *e);
/* The port of a bridge is in this VLAN and no other: what it sends and receives bears no tag.  -errno */
int net_vlan_set(struct nl *host, const char *port, uint16_t vlan);
#endif
