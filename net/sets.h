/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_SETS_H
#define NET_SETS_H
/* The sets and maps of the firewall table (rules.h), and what differs between the families; for those who write its rules. */
#include "net/network.h"
#include "net/nft.h"

enum { R = NFT_REG32_00 };
enum { NAME = 16 };

enum {
	/* Ports of all the host's addresses of a family, and of one: what the host's packets go to. */
	ANY4, ANY6, BOUND4, BOUND6,
	/* The zone of each UDP port of all addresses of a family, and of one: publish.h. */
	ZONE_ANY4, ZONE_ANY6, ZONE4, ZONE6,
	/* The same for what errors quote: nft(8) compares bytes that are no field of a header with nothing but their like. */
	QUOTED_ANY4, QUOTED_ANY6, QUOTED4, QUOTED6,
	/* The bridges; each with itself; those without a way out. */
	BRIDGES, SAME, INTERNAL,
	/* The subnets, and those of them that hide behind the host's addresses. */
	SUBNETS4, SUBNETS6, HIDDEN4, HIDDEN6,
	/* The addresses of containers that a flow began at or led to: only for them is there anything that conntrack remembers. */
	TALKED4, TALKED6,
	SETS,
	QUOTED = QUOTED4 - ZONE4 /* from one of the former to one of the latter */
};
extern const struct nft_set net_sets[SETS];

struct net_family {
	int nfproto;
	unsigned saddr, daddr; /* where they are in the header */
	unsigned size;
	int any, bound, zone_any, zone, subnets, hidden, talked; /* sets; .zone: of one address */
	struct net_cidr loopback;
};
enum { FAMILIES = 2 };
extern const struct net_family net_families[FAMILIES];

void net_match_family(struct nl_msg *m, const struct net_family *f);
void net_match_address(struct nl_msg *m, const struct net_family *f, unsigned offset, int set); /* that at `offset` of the header */
/* The address at `offset` of the header is of the subnet. */
void net_match_subnet(struct nl_msg *m, const struct net_family *f, unsigned offset, const struct net_cidr *c);
void net_match_protocol(struct nl_msg *m, uint8_t protocol);
void net_match_set(struct nl_msg *m, unsigned key, int set); /* the name of an interface */
/* The elements of networks: their bridges and subnets. */
void net_networks_put(struct nl_msg *m, const net_networks *all);
strings net_bridges(struct arena *a, const net_networks *all);
/* Those of one family that none of the others is part of; `hidden`: of networks that hide behind the host's addresses. */
net_cidrs net_subnets(struct arena *a, const net_networks *all, const struct net_family *f, bool hidden);
/* The element of TALKED4 or TALKED6. */
struct nft_element net_talked(const struct net_ip *ip, const struct nft_set **set);
#endif
