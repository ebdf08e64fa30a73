/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_IP_H
#define NET_IP_H
/* IPv4 and IPv6 addresses and subnets.  Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/arena.h"

struct net_ip {
	int family; /* AF_INET, AF_INET6; 0: none */
	unsigned char at[16];
};
struct net_cidr {
	struct net_ip ip;
	unsigned prefix;
};

static inline size_t net_ip_size(int family)
{
	return family == AF_INET ? 4 : 16;
}

bool net_ip_parse(const char *text, struct net_ip *out);
bool net_cidr_parse(const char *text, struct net_cidr *out); /* ADDRESS/PREFIX; without /PREFIX it is that address alone */
const char *net_ip_text(struct arena *a, const struct net_ip *ip);
const char *net_cidr_text(struct arena *a, const struct net_cidr *c);
bool net_ip_is_none(const struct net_ip *ip); /* 0.0.0.0, :: */
bool net_ip_stays(const struct net_ip *ip); /* a loopback address that no port can be published at: loopback.h */
/* An IPv4 address in the clothes of IPv6 (::ffff:192.0.2.1) is one: that is what its packets bear. */
struct net_ip net_ip_plain(const struct net_ip *ip);
bool net_ip_same(const struct net_ip *x, const struct net_ip *y);

bool net_cidr_has(const struct net_cidr *net, const struct net_ip *ip);
bool net_cidr_overlap(const struct net_cidr *x, const struct net_cidr *y);
/* The address `n` places after the first of the subnet. */
struct net_ip net_cidr_nth(const struct net_cidr *net, uint64_t n);
bool net_cidr_after(const struct net_cidr *net, struct net_ip *out); /* the first address that follows on it; false: there is none */
/* How many addresses it has, 2^32 at most. */
uint64_t net_cidr_count(const struct net_cidr *net);
/* The first is the subnet's own; IPv4's last is for broadcasts.  Neither can be given away. */
bool net_cidr_is_host(const struct net_cidr *net, const struct net_ip *ip);

enum { NET_MAC = 6 };
bool net_mac_parse(const char *text, unsigned char out[NET_MAC]); /* six hexadecimal bytes with ":"; not a group's, nor nobody's */
const char *net_mac_text(struct arena *a, const unsigned char mac[NET_MAC]);
#endif
