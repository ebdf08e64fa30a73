/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/ip.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool net_ip_parse(const char *text, struct net_ip *out)
{
	struct net_ip ip = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(ip.family, text, ip.at) != 1)
		return false;
	*out = ip;
	return true;
}

bool net_cidr_parse(const char *text, struct net_cidr *out)
{
	const char *slash = strchrnul(text, '/');
	char address[INET6_ADDRSTRLEN];
	struct net_cidr c = { .prefix = 0 };
	size_t n = (size_t)(slash - text);

	if (n >= sizeof(address))
		return false;
	memcpy(address, text, n);
	address[n] = 0;
	if (!net_ip_parse(address, &c.ip))
		return false;
	c.prefix = 8 * (unsigned)net_ip_size(c.ip.family);
	if (*slash && (!text_u32(slash + 1, &c.prefix) || c.prefix > 8 * net_ip_size(c.ip.family)))
		return false;
	*out = c;
	return true;
}

const char *net_ip_text(struct arena *a, const struct net_ip *ip)
{
	char text[INET6_ADDRSTRLEN];

	return arena_strdup(a, inet_ntop(ip->family, ip->at, text, sizeof(text)) ? text : "");
}

const char *net_cidr_text(struct arena *a, const struct net_cidr *c)
{
	return arena_printf(a, "%s/%u", net_ip_text(a, &c->ip), c->prefix);
}

bool net_ip_is_none(const struct net_ip *ip)
{
	static const unsigned char zeros[sizeof(ip->at)];

	return !memcmp(ip->at, zeros, sizeof(zeros));
}

bool net_ip_stays(const struct net_ip *ip)
{
	static const struct net_ip one4 = { AF_INET, { 127, 0, 0, 1 } }, one6 = { AF_INET6, { [15] = 1 } };

	return net_ip_same(ip, &one6) || (ip->family == AF_INET && ip->at[0] == 127 && !net_ip_same(ip, &one4));
}

struct net_ip net_ip_plain(const struct net_ip *ip)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct net_ip four = { .family = AF_INET };

	if (ip->family != AF_INET6 || memcmp(ip->at, mapped, sizeof(mapped)) != 0)
		return *ip;
	memcpy(four.at, ip->at + sizeof(mapped), net_ip_size(AF_INET));
	return four;
}

bool net_ip_same(const struct net_ip *x, const struct net_ip *y)
{
	return x->family == y->family && !memcmp(x->at, y->at, net_ip_size(x->family));
}

static bool same_bits(const struct net_ip *x, const struct net_ip *y, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (x->family != y->family || memcmp(x->at, y->at, bytes) != 0)
		return false;
	return !rest || (x->at[bytes] ^ y->at[bytes]) >> (8 - rest) == 0;
}

bool net_cidr_has(const struct net_cidr *net, const struct net_ip *ip)
{
	return same_bits(&net->ip, ip, net->prefix);
}

bool net_cidr_overlap(const struct net_cidr *x, const struct net_cidr *y)
{
	return same_bits(&x->ip, &y->ip, x->prefix < y->prefix ? x->prefix : y->prefix);
}

struct net_ip net_cidr_nth(const struct net_cidr *net, uint64_t n)
{
	struct net_ip ip = net->ip;
	unsigned size = (unsigned)net_ip_size(ip.family);

	for (unsigned bit = net->prefix; bit < 8 * size; bit++)
		ip.at[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	for (unsigned i = size; n && i--;) {
		n += ip.at[i];
		ip.at[i] = (unsigned char)n;
		n >>= 8;
	}
	return ip;
}

bool net_cidr_after(const struct net_cidr *net, struct net_ip *out)
{
	unsigned size = (unsigned)net_ip_size(net->ip.family);
	struct net_ip ip = net->ip;

	for (unsigned bit = net->prefix; bit < 8 * size; bit++)
		ip.at[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	for (unsigned i = size; i--;)
		if (++ip.at[i]) {
			*out = ip;
			return true;
		}
	return false;
}

uint64_t net_cidr_count(const struct net_cidr *net)
{
	unsigned bits = 8 * (unsigned)net_ip_size(net->ip.family) - net->prefix;

	return 1ULL << (bits < 32 ? bits : 32);
}

bool net_cidr_is_host(const struct net_cidr *net, const struct net_ip *ip)
{
	struct net_ip first = net_cidr_nth(net, 0), last = net_cidr_nth(net, net_cidr_count(net) - 1);

	return net_cidr_has(net, ip) && !net_ip_same(ip, &first) && (ip->family == AF_INET6 || !net_ip_same(ip, &last));
}

bool net_mac_parse(const char *text, unsigned char out[NET_MAC])
{
	static const unsigned char none[NET_MAC];
	unsigned char mac[NET_MAC];

	if (strlen(text) != 3 * NET_MAC - 1)
		return false;
	for (size_t i = 0; text[i]; i++)
		if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return false;
	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) != NET_MAC || mac[0] & 1 ||
	    !memcmp(mac, none, NET_MAC))
		return false;
	memcpy(out, mac, NET_MAC);
	return true;
}

const char *net_mac_text(struct arena *a, const unsigned char mac[NET_MAC])
{
	return arena_printf(a, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}
