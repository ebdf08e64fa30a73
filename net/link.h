/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_LINK_H
#define NET_LINK_H
/* Network interfaces, and their addresses, through rtnetlink.  All return ≥ 0 or -errno without a sentence: see nl_fail(). */
#include <sys/socket.h>

#include "net/ip.h"
#include "net/nl.h"
#include "oci/bind.h"

enum { NET_NAME = 16 }; /* IFNAMSIZ */

struct net_link {
	int index, master;
	unsigned flags; /* IFF_* */
	uint32_t mtu;
	bool filters; /* a bridge that keeps VLANs apart */
	bool forwards; /* a port of a bridge that lets everything pass */
	char alias[128]; /* what is written on it; "" */
	char kind[NET_NAME]; /* "bridge", "veth" …; "" for hardware */
	unsigned char mac[NET_MAC], hardware[NET_MAC]; /* what it has, what it was made with */
	char name[NET_NAME];
};
int net_link_find(struct nl *n, const char *name, struct net_link *out); /* -ENODEV */
/* Into another network namespace, under the name that it has there, which must be free.  Addresses and state are lost. */
int net_link_move(struct nl *n, int index, int netns, const char *name);
typedef LIST_OF(struct net_link) net_links;
int net_link_list(struct arena *a, struct nl *n, net_links *out);
/* The hardware that was made with this MAC; -ENODEV. */
int net_link_by_hardware(struct nl *n, const unsigned char mac[NET_MAC], struct net_link *out);
/* Both while it is down. */
int net_link_rename(struct nl *n, int index, const char *name);
int net_link_set_mac(struct nl *n, int index, const unsigned char mac[NET_MAC]);
int net_link_set_alias(struct nl *n, int index, const char *text);
int net_link_set_master(struct nl *n, int index, int bridge); /* becomes a port of it */
int net_link_delete(struct nl *n, int index);
void net_link_put_up(struct nl_msg *m, int index); /* the message that brings it up */
int net_link_up(struct nl *n, int index);

struct net_addr {
	int family; /* AF_INET, AF_INET6 */
	unsigned prefix;
	uint32_t flags; /* IFA_F_* */
	unsigned char local[16], peer[16], broadcast[16]; /* peer: the same as local unless point to point */
	bool has_broadcast;
};
typedef LIST_OF(struct net_addr) net_addrs;
/* Those of global scope that do not expire. */
int net_addr_list(struct arena *a, struct nl *n, int index, net_addrs *out);
void net_addr_put(struct nl_msg *m, int index, const struct net_addr *addr); /* the message that adds it */
struct net_addr net_addr_of(const struct net_cidr *c); /* an interface's, in that subnet */
int net_addr_add(struct nl *n, int index, const struct net_addr *addr);
#endif
