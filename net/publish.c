/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/publish.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <netinet/in.h>
#include <string.h>

#include "net/published.h"
#include "net/sets.h"

enum { NETWORK = NFT_PAYLOAD_NETWORK_HEADER, TRANSPORT = NFT_PAYLOAD_TRANSPORT_HEADER };
enum { PORT_DST = 2, SOME_ZONE = 1 };

/* dnat to [ip daddr .] meta l4proto . th dport map @SET */
static void put_publish(struct nl_msg *m, const struct net_family *f, int set)
{
	struct nft_rule r = nft_rule(m, "publish");
	unsigned words = set == f->bound ? f->size / 4 : 0;

	net_match_family(m, f);
	if (words)
		nft_payload(m, NETWORK, f->daddr, f->size, R);
	nft_meta(m, NFT_META_L4PROTO, R + words);
	nft_payload(m, TRANSPORT, PORT_DST, 2, R + words + 1);
	nft_lookup(m, net_sets[set].name, R, true);
	nft_dnat(m, f->nfproto, R, R + f->size / 4);
	nft_rule_end(m, r);
}

/* Where a UDP packet, or an error that quotes one behind its own header of 8 bytes, says what it is about. */
struct view {
	uint8_t carrier;	      /* the packet's protocol */
	unsigned protocol;	      /* in the transport header; 0: the packet's own */
	unsigned base, address, port; /* base: of the address; the port is in the transport header */
};
static const struct view views[FAMILIES][2] = {
	{ { IPPROTO_UDP, 0, NETWORK, 16, PORT_DST }, { IPPROTO_ICMP, 8 + 9, TRANSPORT, 8 + 12, 8 + 20 } },
	{ { IPPROTO_UDP, 0, NETWORK, 24, PORT_DST }, { IPPROTO_ICMPV6, 8 + 6, TRANSPORT, 8 + 8, 8 + 40 } },
};

/* meta l4proto udp ct original zone set [ip daddr .] udp dport map @SET, where fib daddr type local */
static void put_zone(struct nl_msg *m, const struct net_family *f, const struct view *v, int set)
{
	struct nft_rule r = nft_rule(m, "zone");
	unsigned words = set == f->zone ? f->size / 4 : 0;
	uint8_t udp = IPPROTO_UDP;

	net_match_family(m, f);
	net_match_protocol(m, v->carrier);
	if (v->protocol) {
		nft_payload(m, TRANSPORT, v->protocol, 1, R);
		nft_compare(m, NFT_CMP_EQ, R, &udp, sizeof(udp));
	}
	if (words)
		nft_payload(m, v->base, v->address, f->size, R);
	nft_payload(m, TRANSPORT, v->port, 2, R + words);
	nft_lookup(m, net_sets[v->protocol ? QUOTED + set : set].name, R, true);
	nft_daddr_is_local(m); /* after the map: most packets are in none, and this takes longer */
	nft_zone(m, R);
	nft_verdict(m, NF_ACCEPT, NULL); /* the first that knows it decides */
	nft_rule_end(m, r);
}

/* What comes from outside for a loopback is no business of ours: led on, it would pass the check that the kernel makes afterwards.
 * Of the host's own packets those to 127.0.0.1 may be led. */
static void leave_loopback(struct nl_msg *m, const char *chain, const struct net_family *f, bool but_first)
{
	static const unsigned char first[] = { 127, 0, 0, 1 };
	struct nft_rule r = nft_rule(m, chain); /* ip daddr 127.0.0.0/8 [ip daddr != 127.0.0.1] return */

	net_match_subnet(m, f, f->daddr, &f->loopback);
	if (but_first) {
		nft_payload(m, NETWORK, f->daddr, f->size, R);
		nft_compare(m, NFT_CMP_NEQ, R, first, sizeof(first));
	}
	nft_verdict(m, NFT_RETURN, NULL);
	nft_rule_end(m, r);
}

/* loopback.h: what comes so from a bridge is no answer. */
static void drop_forged(struct nl_msg *m)
{
	const struct net_family *f = &net_families[0];
	struct nft_rule r = nft_rule(m, "early"); /* ip daddr 127.0.0.0/8 iifname @bridges drop */

	net_match_subnet(m, f, f->daddr, &f->loopback);
	net_match_set(m, NFT_META_IIFNAME, BRIDGES);
	nft_verdict(m, NF_DROP, NULL);
	nft_rule_end(m, r);
}

static void put_jumps(struct nl_msg *m)
{
	static const char *const led[] = { "arrive", "own" }, *const early[] = { "early", "early_own" };
	struct nft_rule r;
	uint8_t tcp = IPPROTO_TCP;

	for (size_t i = 0; i < 2; i++) {
		r = nft_rule(m, led[i]); /* fib daddr type local jump publish */
		nft_daddr_is_local(m);
		nft_verdict(m, NFT_JUMP, "publish");
		nft_rule_end(m, r);
		r = nft_rule(m, early[i]); /* meta l4proto != tcp jump zone */
		nft_meta(m, NFT_META_L4PROTO, R);
		nft_compare(m, NFT_CMP_NEQ, R, &tcp, sizeof(tcp));
		nft_verdict(m, NFT_JUMP, "zone");
		nft_rule_end(m, r);
	}
}

void net_publish_rules(struct nl_msg *m, bool loopback)
{
	leave_loopback(m, "arrive", &net_families[0], false);
	leave_loopback(m, "arrive", &net_families[1], false);
	leave_loopback(m, "own", &net_families[0], loopback);
	leave_loopback(m, "own", &net_families[1], false);
	drop_forged(m);
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct net_family *f = &net_families[i];

		/* The first that knows it decides. */
		put_publish(m, f, f->bound);
		put_publish(m, f, f->any);
		for (size_t k = 0; k < sizeof(views[i]) / sizeof(views[i][0]); k++) {
			put_zone(m, f, &views[i][k], f->zone);
			put_zone(m, f, &views[i][k], f->zone_any);
		}
	}
	put_jumps(m);
}

/* All that one published port is of one family. */
struct led {
	const struct net_family *family;
	const struct oci_kist_port *port;
	struct net_ip at, to; /* at: none: all of the family's */
	uint32_t count;
	int change;
};

static size_t put_key(const struct led *l, unsigned char *key)
{
	size_t n = net_ip_is_none(&l->at) ? 0 : l->family->size;

	memcpy(key, l->at.at, n);
	return n;
}

static void put_port(struct nl_msg *m, const struct led *l)
{
	struct nft_element *all = arena_array(m->bytes.arena, l->count, sizeof(*all));
	size_t at = 0;

	for (uint32_t i = 0; i < l->count; i++) {
		uint16_t key = htons((uint16_t)(l->port->host + i)), value = htons((uint16_t)(l->port->container + i));

		at = put_key(l, all[i].key);
		all[i].key[at] = (unsigned char)l->port->protocol;
		memcpy(all[i].key + at + 4, &key, sizeof(key));
		memcpy(all[i].data, l->to.at, l->family->size);
		memcpy(all[i].data + l->family->size, &value, sizeof(value));
	}
	nft_elements(m, &net_sets[at ? l->family->bound : l->family->any], l->change, all, l->count);
}

/* Zone 0 is where everything else is. */
static uint16_t zone_of(struct arena *a, const struct net_record *r, uint32_t port)
{
	const char *place = arena_printf(a, "%s %s %u", r->target ? r->target : "", r->target6 ? r->target6 : "", port);

	return (uint16_t)(net_hash("zone", place) | SOME_ZONE);
}

static void put_zones(struct nl_msg *m, const struct net_record *r, const struct led *l)
{
	struct nft_element *all = arena_array(m->bytes.arena, l->count, sizeof(*all));
	int set = net_ip_is_none(&l->at) ? l->family->zone_any : l->family->zone;

	for (uint32_t i = 0; i < l->count; i++) {
		uint16_t port = htons((uint16_t)(l->port->host + i)), zone = zone_of(m->bytes.arena, r, l->port->container + i);

		memcpy(all[i].key + put_key(l, all[i].key), &port, sizeof(port));
		memcpy(all[i].data, &zone, sizeof(zone));
	}
	nft_elements(m, &net_sets[set], l->change, all, l->count);
	nft_elements(m, &net_sets[QUOTED + set], l->change, all, l->count);
}

void net_publish_ports(struct nl_msg *m, const struct net_record *r, int change)
{
	const char *targets[FAMILIES] = { r->target, r->target6 };

	for (size_t i = 0; i < r->ports.len; i++)
		for (size_t k = 0; k < FAMILIES; k++) {
			const struct oci_kist_port *p = &r->ports.at[i];
			struct led l = { .family = &net_families[k], .port = p, .at = net_published_at(p), .change = change,
					 .count = net_published_last(p) - p->host + 1 };

			if (!targets[k] || !net_ip_parse(targets[k], &l.to) || !net_published_in(p, l.to.family))
				continue;
			put_port(m, &l);
			if (p->protocol == IPPROTO_UDP)
				put_zones(m, r, &l);
		}
}
