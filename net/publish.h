/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_PUBLISH_H
#define NET_PUBLISH_H
/*
 * Published ports in the firewall table.  Pure.
 *
 * Conntrack asks the rules about the first packet of a flow only, and what it remembers it remembers as long as the client goes on asking.
 * A resolver, a phone or a tunnel that keeps its UDP port would go on being led to where the service was, or to the host itself if
 * it asked before there was a service.  (TCP begins again with each connection.)  Searching conntrack's table for such flows takes
 * the kernel 10 ms and more, at every start.  So UDP packets to published ports get a zone, in which alone conntrack looks,
 * and the zone is a hash of the address and the port where the packet is to go: a flow that leads elsewhere is not found, but
 * a new one begun.  What the old ones took up goes by itself; one time in 32768 two places have the same zone.
 *
 * Errors that routers and clients send back (ICMP: too big, nobody there) quote the packet they are about, and must be looked
 * for in its zone to reach the container.
 */
#include "net/lease.h"
#include "net/nl.h"

void net_publish_rules(struct nl_msg *m, bool loopback); /* loopback.h */
void net_publish_ports(struct nl_msg *m, const struct net_record *r, int change); /* NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM */
#endif
