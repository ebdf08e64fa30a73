/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_PLAN_H
#define NET_PLAN_H
/* What a container gets in its network namespace besides the loopback.  Pure. */
#include "net/published.h"
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
	strings aliases;
};

/* A name in the hosts file that is none of a member's. */
struct net_given {
	const char *name;
	struct net_ip ip; /* .family is 0: the gateway of a network */
};

/* Files that kist makes: etc.h */
struct net_etc {
	bool hosts, hostname, resolver;
	const char *name; /* the container's host name; NULL: it has the host's */
	const char *of;	  /* the container whose network, and files, it shares */
	bool loopback;	  /* it has the host's network */
	LIST_OF(struct net_given) given;
	const struct oci_kist_names *asked;
};

struct net_plan {
	LIST_OF(struct net_device) devices;
	LIST_OF(struct net_wish) wishes;
	net_ports ports;
	const struct oci_kist_bandwidth *bandwidth; /* the same, and read: */
	struct net_limits limits;		    /* of each of the wishes */
	struct net_etc etc;
};

int net_plan(struct arena *a, const struct oci_spec *spec, const struct net_host *host, struct net_plan *out, struct err *e);
bool net_given_parse(struct arena *a, const char *text, struct net_given *out); /* "NAME:ADDRESS", "NAME:host-gateway" */
bool net_is_empty(const struct net_plan *p);
/* Of these two: the files. */
int net_plan_etc(struct arena *a, const struct oci_spec *spec, const struct net_host *host, struct net_etc *out, struct err *e);
void net_explain_etc(const struct net_etc *t, struct text *out);
void net_explain(const struct net_plan *p, struct text *out);
#endif
