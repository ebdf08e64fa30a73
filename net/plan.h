/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_PLAN_H
#define NET_PLAN_H
/* What a container gets in its network namespace besides the loopback.  Pure. */
#include "base/text.h"
#include "net/ip.h"
#include "net/rate.h"

struct net_host {
	bool privileged; /* may take interfaces away from the runtime's own network namespace */
	bool made;	 /* the container's network namespace is a new one */
};

/* config-linux.md, "Network Devices": interfaces of the runtime's network namespace that become the container's. */
struct net_device {
	const char *host, *name;
};

/* An interface in a network; whatever is not said is chosen when it is made. */
struct net_wish {
	const char *network, *interface;
	struct net_cidr address, address6; /* .ip.family is 0: any */
	const unsigned char *mac;	   /* NULL: any */
};

struct net_plan {
	LIST_OF(struct net_device) devices;
	LIST_OF(struct net_wish) wishes;
	LIST_OF(struct oci_kist_port) ports; /* as in the document; addresses are well formed */
	const struct oci_kist_bandwidth *bandwidth; /* the same, and read: */
	struct net_limits limits;		    /* of each of the wishes */
};

int net_plan(struct arena *a, const struct oci_spec *spec, const struct net_host *host, struct net_plan *out, struct err *e);
bool net_is_empty(const struct net_plan *p);
bool net_ports_overlap(const struct oci_kist_port *x, const struct oci_kist_port *y);
void net_explain(const struct net_plan *p, struct text *out);
#endif
