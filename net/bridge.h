/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_BRIDGE_H
#define NET_BRIDGE_H
/* The host's side of a network, and the interfaces that containers get in it. */
#include "net/link.h"
#include "net/network.h"

/* Makes the network's own bridge with its addresses unless it is there.  1: it was made now; *link is the bridge, or the interface that is
 * shared. */
int net_bridge_ensure(struct nl *host, const struct net_network *n, struct net_link *link, struct err *e);
/* Makes it, or, when it is `there` as *link, what it lacks of what it was made as.  1, or an error. */
int net_bridge_make(struct nl *host, const struct net_network *n, bool there, struct net_link *link, struct err *e);

struct net_taken;
struct net_port {
	const struct net_taken *taken; /* the host's own interface, as it was; NULL: one is made */
	const char *host_name; /* of a bridge's pair */
	const char *name;      /* in the container */
	unsigned char mac[NET_MAC];
	int netns;
};
/*
 * The container's interface is born in its namespace, by the one message that makes it: moving a finished one takes the
 * kernel ten times as long as everything else together.  With the namespace it goes away again.
 */
int net_port_make(struct nl *host, const struct net_network *n, const struct net_link *on, const struct net_port *p, struct err *e);

struct net_inside {
	const char *name;
	struct net_cidr address, address6;  /* .ip.family is 0: none */
	struct net_ip gateway, gateway6;
	net_cidrs kept; /* that the interface had before */
};
/* Up, addresses, default routes; `inside` is a socket of the container's namespace. */
int net_inside_set(struct nl *inside, const struct net_inside *w, struct err *e);
/* Its default routes alone: in the place of any other, or, unless `instead`, only where there is none. */
int net_inside_route(struct nl *inside, const struct net_inside *w, bool instead, struct err *e);
/* The kernel brings a port of a bridge up a moment after both ends of the pair are: what is sent before is lost. */
void net_port_await(struct nl *host, const struct net_port *p);
/* Nothing passes these ends of pairs any more.  Removing them would take the kernel ten times as long; best effort. */
void net_port_cut(const strings *host_names);
/* The contrary of net_port_make, whatever the container has named it since.  What it has removed by itself is no error. */
int net_port_remove(struct nl *host, struct nl *inside, const struct net_network *n, const struct net_port *p, struct err *e);
#endif
