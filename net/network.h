/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H
/*
 * Networks that instances can be in: networks/NAME.json in the data directory, whose descriptor is `data` everywhere here.
 * Whoever changes anything below that directory that this folder owns holds the lock "networks".
 */
#include "net/ip.h"
#include "oci/spec.h"

enum net_kind { NET_BRIDGE, NET_MACVLAN, NET_IPVLAN, NET_PHYS };
extern const struct word net_kind_words[];

struct net_network {
	const char *name, *created;
	int kind;	       /* enum net_kind */
	const char *interface; /* the bridge, or the interface of the host that is shared */
	bool foreign;	       /* the bridge is somebody else's: used as it is, never changed */
	const char *subnet, *gateway, *range, *subnet6, *gateway6, *range6;
	const char *mode;	 /* of a shared interface: net_modes[]; NULL: the usual one */
	const uint32_t *vlan; /* only this VLAN of the bridge, or of the interface */
	bool internal;	 /* no way out */
	const uint32_t *mtu;
	pairs labels;
	struct net_range {
		struct net_cidr subnet; /* .ip.family is 0: none */
		struct net_cidr lease;	/* the part of it from which containers get addresses that they have not asked for */
		struct net_ip gateway; /* 0.0.0.0, ::  the way out is the container's interface itself */
		LIST_OF(struct net_ip) host; /* its own addresses on an interface that it shares: nobody else's */
	} v4, v6;		       /* the texts above, read */
	const char *on;		       /* what containers' interfaces hang on: `interface`, or its part for the VLAN */
	uint32_t link_mode;	       /* `mode`, as the kernel has it */
};
/* MACVLAN_MODE_*, IPVLAN_MODE_*: the first of a kind is the usual one. */
extern const struct net_mode {
	int kind;
	const char *word;
	uint32_t link_mode;
} net_modes[];
typedef LIST_OF(struct net_network) net_networks;
static inline bool net_is_own(const struct net_network *n) /* kist makes its bridge, and its firewall rules */
{
	return n->kind == NET_BRIDGE && !n->foreign;
}
bool net_any_own(const net_networks *all);
/* The host's own routes lead on from the containers' interfaces, which know neither ARP nor broadcasts. */
bool net_is_routed(const struct net_network *n);
extern const struct object net_network_object;

#define NET_PAIR "kv" /* begins the name of the far end of a container's interface; twelve hexadecimal digits follow */
#define NET_SHAPER "kb" /* and that of what shapes what comes from there: bandwidth.h */
/* Named so by kist: what others have begins likewise at most (kvmbr0). */
bool net_is_named(const char *interface, const char *beginning);
#define NET_DEFAULT "kist0" /* the network that is there when nobody made one, and its bridge */

/* Reads the texts and completes what is absent; the sentence says what does not fit. */
int net_network_judge(struct arena *a, struct net_network *n, struct err *e);
/* -ENOENT with a sentence. */
int net_network_read(struct arena *a, int data, const char *name, struct net_network *out, struct err *e);
int net_network_write(struct arena *a, int data, const struct net_network *n, struct err *e);
int net_network_delete(int data, const char *name, struct err *e);
int net_network_list(struct arena *a, int data, net_networks *out, struct err *e); /* by name */
/* The one of several that an address of another overlaps; NULL: none. */
const struct net_network *net_network_clash(const net_networks *all, const struct net_cidr *subnet);
/* The first subnet, by a fixed order of private ones, that overlaps none of `taken`. */
typedef LIST_OF(struct net_cidr) net_cidrs;
int net_choose_subnet(const net_cidrs *taken, struct net_cidr *out, struct err *e);
#endif
