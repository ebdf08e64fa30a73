/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/rules.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <string.h>

#include "net/nft.h"

enum { R = NFT_REG32_00, ESTABLISHED = 1 << 1, RELATED = 1 << 2 /* bits of ct state */ };
enum { NAME = 16, PORT_DST = 2 };

/* Ports of all the host's addresses, and of one, for each family; what the host's packets go to. */
enum { ANY4, ANY6, BOUND4, BOUND6, BRIDGES, SAME, INTERNAL, SETS };
static const struct nft_set sets[SETS] = {
	[ANY4] = { "any4", NFT_PAIR(NFT_PROTOCOL, NFT_SERVICE), 8, NFT_PAIR(NFT_IPV4, NFT_SERVICE), 8 },
	[ANY6] = { "any6", NFT_PAIR(NFT_PROTOCOL, NFT_SERVICE), 8, NFT_PAIR(NFT_IPV6, NFT_SERVICE), 20 },
	[BOUND4] = { "bound4", NFT_TRIPLE(NFT_IPV4, NFT_PROTOCOL, NFT_SERVICE), 12, NFT_PAIR(NFT_IPV4, NFT_SERVICE), 8 },
	[BOUND6] = { "bound6", NFT_TRIPLE(NFT_IPV6, NFT_PROTOCOL, NFT_SERVICE), 24, NFT_PAIR(NFT_IPV6, NFT_SERVICE), 20 },
	[BRIDGES] = { "bridges", NFT_IFNAME, NAME, 0, 0 },
	[SAME] = { "same", NFT_PAIR(NFT_IFNAME, NFT_IFNAME), 2 * NAME, 0, 0 },
	[INTERNAL] = { "internal", NFT_IFNAME, NAME, 0, 0 },
};

static const struct {
	const char *name;
	struct nft_hook hook; /* without a type: jumped to */
} chains[] = {
	{ "publish", { NULL, 0, 0 } },
	{ "arrive", { "nat", NF_INET_PRE_ROUTING, -100 } },
	{ "mark", { "filter", NF_INET_PRE_ROUTING, -90 } },
	{ "own", { "nat", NF_INET_LOCAL_OUT, -100 } },
	{ "forward", { "filter", NF_INET_FORWARD, 0 } },
	{ "leave", { "nat", NF_INET_POST_ROUTING, 100 } },
};

static const struct family {
	int nfproto;
	unsigned saddr, daddr; /* where they are in the header */
	unsigned size;
	int any, bound;
} families[] = {
	{ NFPROTO_IPV4, 12, 16, 4, ANY4, BOUND4 },
	{ NFPROTO_IPV6, 8, 24, 16, ANY6, BOUND6 },
};

static void match_family(struct nl_msg *m, int nfproto)
{
	uint8_t v = (uint8_t)nfproto;

	nft_meta(m, NFT_META_NFPROTO, R);
	nft_compare(m, NFT_CMP_EQ, R, &v, sizeof(v));
}

static void match_name(struct nl_msg *m, unsigned key, const char *name)
{
	char full[NAME] = "";

	strncpy(full, name, NAME - 1);
	nft_meta(m, key, NFT_REG_1);
	nft_compare(m, NFT_CMP_EQ, NFT_REG_1, full, NAME);
}

static void match_set(struct nl_msg *m, unsigned key, int set)
{
	nft_meta(m, key, NFT_REG_1);
	nft_lookup(m, sets[set].name, NFT_REG_1, false);
}

/* iifname . oifname @same */
static void match_same(struct nl_msg *m)
{
	nft_meta(m, NFT_META_IIFNAME, NFT_REG_1);
	nft_meta(m, NFT_META_OIFNAME, NFT_REG_2);
	nft_lookup(m, sets[SAME].name, NFT_REG_1, false);
}

/* ip saddr SUBNET, ip daddr SUBNET */
static void match_subnet(struct nl_msg *m, const struct family *f, unsigned offset, const struct net_cidr *c)
{
	struct net_cidr first = *c;

	first.ip = net_cidr_nth(c, 0);
	match_family(m, f->nfproto);
	nft_payload(m, NFT_PAYLOAD_NETWORK_HEADER, offset, f->size, R);
	nft_masked(m, R, f->size, c->prefix);
	nft_compare(m, NFT_CMP_EQ, R, first.ip.at, f->size);
}

/* dnat to [ip daddr .] meta l4proto . th dport map @SET */
static void put_publish(struct nl_msg *m, const struct family *f, int set)
{
	struct nft_rule r = nft_rule(m, "publish");
	unsigned words = set == f->bound ? f->size / 4 : 0;

	match_family(m, f->nfproto);
	if (words)
		nft_payload(m, NFT_PAYLOAD_NETWORK_HEADER, f->daddr, f->size, R);
	nft_meta(m, NFT_META_L4PROTO, R + words);
	nft_payload(m, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DST, 2, R + words + 1);
	nft_lookup(m, sets[set].name, R, true);
	nft_dnat(m, f->nfproto, R, R + f->size / 4);
	nft_rule_end(m, r);
}

/* fib daddr type local jump publish */
static void put_jump(struct nl_msg *m, const char *chain)
{
	struct nft_rule r = nft_rule(m, chain);

	nft_daddr_is_local(m);
	nft_verdict(m, NFT_JUMP, "publish");
	nft_rule_end(m, r);
}

static void put_forward(struct nl_msg *m)
{
	struct nft_rule r = nft_rule(m, "forward"); /* ct state established,related accept */

	nft_ct_has(m, NFT_CT_STATE, ESTABLISHED | RELATED);
	nft_verdict(m, NF_ACCEPT, NULL);
	nft_rule_end(m, r);
	r = nft_rule(m, "forward"); /* iifname . oifname @same accept */
	match_same(m);
	nft_verdict(m, NF_ACCEPT, NULL);
	nft_rule_end(m, r);
	r = nft_rule(m, "forward"); /* iifname @internal drop */
	match_set(m, NFT_META_IIFNAME, INTERNAL);
	nft_verdict(m, NF_DROP, NULL);
	nft_rule_end(m, r);
	r = nft_rule(m, "forward"); /* oifname @bridges ct status dnat accept */
	match_set(m, NFT_META_OIFNAME, BRIDGES);
	nft_ct_has(m, NFT_CT_STATUS, IPS_DST_NAT);
	nft_verdict(m, NF_ACCEPT, NULL);
	nft_rule_end(m, r);
	r = nft_rule(m, "forward"); /* oifname @bridges drop */
	match_set(m, NFT_META_OIFNAME, BRIDGES);
	nft_verdict(m, NF_DROP, NULL);
	nft_rule_end(m, r);
}

/* To a service in the same network by way of the host: its answer must come back this way. */
static void put_hairpin(struct nl_msg *m)
{
	struct nft_rule r = nft_rule(m, "leave"); /* iifname . oifname @same ct status dnat masquerade */

	match_same(m);
	nft_ct_has(m, NFT_CT_STATUS, IPS_DST_NAT);
	nft_masquerade(m);
	nft_rule_end(m, r);
}

static void put_mark(struct nl_msg *m, const struct net_network *n, const struct family *f, const struct net_cidr *c)
{
	struct nft_rule r = nft_rule(m, "mark"); /* iifname BRIDGE, or ip daddr SUBNET, meta mark set meta mark | NET_MARK */

	if (c)
		match_subnet(m, f, f->daddr, c);
	else
		match_name(m, NFT_META_IIFNAME, n->interface);
	nft_mark_add(m, NET_MARK);
	nft_rule_end(m, r);
}

/* Public IPv6 addresses need no other; private ones do. */
static bool is_private(const struct net_cidr *c)
{
	return c->ip.family == AF_INET || (c->ip.at[0] & 0xfe) == 0xfc;
}

static void put_masquerade(struct nl_msg *m, const struct family *f, const struct net_cidr *c)
{
	struct nft_rule r = nft_rule(m, "leave"); /* ip saddr SUBNET oifname != @bridges masquerade */

	match_subnet(m, f, f->saddr, c);
	nft_meta(m, NFT_META_OIFNAME, NFT_REG_1);
	nft_lookup_not(m, sets[BRIDGES].name, NFT_REG_1);
	nft_masquerade(m);
	nft_rule_end(m, r);
}

static void put_network(struct nl_msg *m, const struct net_network *n)
{
	struct nft_element name = { { 0 }, { 0 } }, same = { { 0 }, { 0 } };
	const struct net_range *ranges[] = { &n->v4, &n->v6 };

	strncpy((char *)name.key, n->interface, NAME - 1);
	memcpy(same.key, name.key, NAME);
	memcpy(same.key + NAME, name.key, NAME);
	nft_elements(m, &sets[BRIDGES], NFT_MSG_NEWSETELEM, &name, 1);
	nft_elements(m, &sets[SAME], NFT_MSG_NEWSETELEM, &same, 1);
	if (n->internal)
		nft_elements(m, &sets[INTERNAL], NFT_MSG_NEWSETELEM, &name, 1);
	put_mark(m, n, NULL, NULL);
	for (size_t i = 0; i < 2; i++) {
		const struct net_cidr *c = &ranges[i]->subnet;

		if (!c->ip.family)
			continue;
		put_mark(m, n, &families[i], c);
		if (!n->internal && is_private(c))
			put_masquerade(m, &families[i], c);
	}
}

/* The first makes sure that there is one to delete. */
static void put_end(struct nl_msg *m)
{
	nft_table(m);
	nft_table_delete(m);
}

static void put_skeleton(struct nl_msg *m)
{
	put_end(m);
	nft_table(m);
	for (size_t i = 0; i < SETS; i++)
		nft_set(m, &sets[i]);
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		nft_chain(m, chains[i].name, chains[i].hook.type ? &chains[i].hook : NULL);
	for (size_t i = 0; i < 2; i++) {
		put_publish(m, &families[i], families[i].bound);
		put_publish(m, &families[i], families[i].any);
	}
	put_jump(m, "arrive");
	put_jump(m, "own");
	put_forward(m);
	put_hairpin(m);
}

static void fill(struct nft_element *x, const struct net_ip *bound, unsigned size, int protocol, uint32_t from, const struct net_ip *to,
		 uint32_t port)
{
	uint16_t key = htons((uint16_t)from), value = htons((uint16_t)port);
	unsigned at = bound ? size : 0;

	memset(x, 0, sizeof(*x));
	if (bound)
		memcpy(x->key, bound->at, size);
	x->key[at] = (unsigned char)protocol;
	memcpy(x->key + at + 4, &key, sizeof(key));
	memcpy(x->data, to->at, size);
	memcpy(x->data + size, &value, sizeof(value));
}

static void put_port(struct nl_msg *m, const struct family *f, const struct oci_kist_port *p, const char *target, int change)
{
	uint32_t n = (p->end ? *p->end - p->host : 0) + 1;
	struct nft_element *all = arena_array(m->bytes.arena, n, sizeof(*all));
	struct net_ip to, bound;

	if (!net_ip_parse(target, &to) || (p->address && (!net_ip_parse(p->address, &bound) || bound.family != to.family)))
		return;
	for (uint32_t i = 0; i < n; i++)
		fill(&all[i], p->address ? &bound : NULL, f->size, p->protocol, p->host + i, &to, p->container + i);
	nft_elements(m, &sets[p->address ? f->bound : f->any], change, all, n);
}

static void put_ports(struct nl_msg *m, const struct net_record *r, int change)
{
	const char *targets[] = { r->target, r->target6 };

	for (size_t i = 0; i < r->ports.len; i++)
		for (size_t k = 0; k < 2; k++)
			if (targets[k])
				put_port(m, &families[k], &r->ports.at[i], targets[k], change);
}

void net_rules_put(struct nl_msg *m, const net_networks *networks, const net_records *records)
{
	nft_begin(m);
	put_skeleton(m);
	for (size_t i = 0; i < networks->len; i++)
		if (net_is_own(&networks->at[i]))
			put_network(m, &networks->at[i]);
	for (size_t i = 0; i < records->len; i++)
		put_ports(m, &records->at[i], NFT_MSG_NEWSETELEM);
	nft_end(m);
}

void net_rules_end(struct nl_msg *m)
{
	nft_begin(m);
	put_end(m);
	nft_end(m);
}

void net_rules_ports(struct nl_msg *m, const struct net_record *r, bool give)
{
	nft_begin(m);
	put_ports(m, r, give ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM);
	nft_end(m);
}
