/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/sets.h"

#include <linux/netfilter.h>
#include <string.h>

/* Numbers such as zones, and what an error quotes, are of no type that nft(8) has a name for: it knows them by where they stand. */
static const struct nft_term udp_dport = NFT_TERM_FIELD(6, 2), ip_daddr = NFT_TERM_FIELD(12, 12), ip6_daddr = NFT_TERM_FIELD(13, 9),
	quoted_ip4 = NFT_TERM_BYTES(20, 4), quoted_ip6 = NFT_TERM_BYTES(16, 16), quoted_port4 = NFT_TERM_BYTES(28, 2),
	quoted_port6 = NFT_TERM_BYTES(48, 2), zone = NFT_TERM_ZONE;

#define SET(text, type, bytes) { .name = text, .key = type, .key_len = bytes }
#define GROWING(text, type, bytes) { .name = text, .key = type, .key_len = bytes, .grows = true }
#define RANGES(text, type, bytes) { .name = text, .key = type, .key_len = bytes, .ranges = true }
#define MAP(text, type, bytes, to, to_bytes) { .name = text, .key = type, .key_len = bytes, .data = to, .data_len = to_bytes }
#define ZONES(text, type, bytes, ...) \
	{ .name = text, .key = type, .key_len = bytes, .data = NFT_INTEGER, .data_len = 2, .keys = { __VA_ARGS__ }, .value = &zone }

const struct nft_set net_sets[SETS] = {
	[ANY4] = MAP("any4", NFT_PAIR(NFT_PROTOCOL, NFT_SERVICE), 8, NFT_PAIR(NFT_IPV4, NFT_SERVICE), 8),
	[ANY6] = MAP("any6", NFT_PAIR(NFT_PROTOCOL, NFT_SERVICE), 8, NFT_PAIR(NFT_IPV6, NFT_SERVICE), 20),
	[BOUND4] = MAP("bound4", NFT_TRIPLE(NFT_IPV4, NFT_PROTOCOL, NFT_SERVICE), 12, NFT_PAIR(NFT_IPV4, NFT_SERVICE), 8),
	[BOUND6] = MAP("bound6", NFT_TRIPLE(NFT_IPV6, NFT_PROTOCOL, NFT_SERVICE), 24, NFT_PAIR(NFT_IPV6, NFT_SERVICE), 20),
	[ZONE_ANY4] = ZONES("zone_any4", NFT_SERVICE, 2, &udp_dport),
	[ZONE_ANY6] = ZONES("zone_any6", NFT_SERVICE, 2, &udp_dport),
	[ZONE4] = ZONES("zone4", NFT_PAIR(NFT_IPV4, NFT_SERVICE), 8, &ip_daddr, &udp_dport),
	[ZONE6] = ZONES("zone6", NFT_PAIR(NFT_IPV6, NFT_SERVICE), 20, &ip6_daddr, &udp_dport),
	[QUOTED_ANY4] = ZONES("quoted_any4", NFT_INTEGER, 2, &quoted_port4),
	[QUOTED_ANY6] = ZONES("quoted_any6", NFT_INTEGER, 2, &quoted_port6),
	[QUOTED4] = ZONES("quoted4", NFT_PAIR(NFT_INTEGER, NFT_INTEGER), 8, &quoted_ip4, &quoted_port4),
	[QUOTED6] = ZONES("quoted6", NFT_PAIR(NFT_INTEGER, NFT_INTEGER), 20, &quoted_ip6, &quoted_port6),
	[BRIDGES] = SET("bridges", NFT_IFNAME, NAME),
	[SAME] = SET("same", NFT_PAIR(NFT_IFNAME, NFT_IFNAME), 2 * NAME),
	[INTERNAL] = SET("internal", NFT_IFNAME, NAME),
	[SUBNETS4] = RANGES("subnets4", NFT_IPV4, 4),
	[SUBNETS6] = RANGES("subnets6", NFT_IPV6, 16),
	[HIDDEN4] = RANGES("hidden4", NFT_IPV4, 4),
	[HIDDEN6] = RANGES("hidden6", NFT_IPV6, 16),
	[TALKED4] = GROWING("talked4", NFT_IPV4, 4),
	[TALKED6] = GROWING("talked6", NFT_IPV6, 16),
};

const struct net_family net_families[FAMILIES] = {
	{ NFPROTO_IPV4, 12, 16, 4, ANY4, BOUND4, ZONE_ANY4, ZONE4, SUBNETS4, HIDDEN4, TALKED4, { { AF_INET, { 127 } }, 8 } },
	{ NFPROTO_IPV6, 8, 24, 16, ANY6, BOUND6, ZONE_ANY6, ZONE6, SUBNETS6, HIDDEN6, TALKED6, { { AF_INET6, { [15] = 1 } }, 128 } },
};

void net_match_family(struct nl_msg *m, const struct net_family *f)
{
	uint8_t v = (uint8_t)f->nfproto;

	nft_meta(m, NFT_META_NFPROTO, R);
	nft_compare(m, NFT_CMP_EQ, R, &v, sizeof(v));
}

void net_match_address(struct nl_msg *m, const struct net_family *f, unsigned offset, int set)
{
	net_match_family(m, f);
	nft_payload(m, NFT_PAYLOAD_NETWORK_HEADER, offset, f->size, R);
	nft_lookup(m, net_sets[set].name, R, false);
}

void net_match_subnet(struct nl_msg *m, const struct net_family *f, unsigned offset, const struct net_cidr *c)
{
	struct net_cidr first = *c;

	first.ip = net_cidr_nth(c, 0);
	net_match_family(m, f);
	nft_payload(m, NFT_PAYLOAD_NETWORK_HEADER, offset, f->size, R);
	nft_masked(m, R, f->size, c->prefix);
	nft_compare(m, NFT_CMP_EQ, R, first.ip.at, f->size);
}

void net_match_protocol(struct nl_msg *m, uint8_t protocol)
{
	nft_meta(m, NFT_META_L4PROTO, R);
	nft_compare(m, NFT_CMP_EQ, R, &protocol, sizeof(protocol));
}

void net_match_set(struct nl_msg *m, unsigned key, int set)
{
	nft_meta(m, key, NFT_REG_1);
	nft_lookup(m, net_sets[set].name, NFT_REG_1, false);
}

struct nft_element net_talked(const struct net_ip *ip, const struct nft_set **set)
{
	struct nft_element x = { .after = false };

	*set = &net_sets[net_families[ip->family != AF_INET].talked];
	memcpy(x.key, ip->at, net_ip_size(ip->family));
	return x;
}
