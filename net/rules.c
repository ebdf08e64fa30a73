/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/rules.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <string.h>

#include "net/publish.h"
#include "net/sets.h"

enum { ESTABLISHED = 1 << 1, RELATED = 1 << 2 /* bits of ct state */ };

static const struct {
	const char *name;
	struct nft_hook hook; /* without a type: jumped to */
} chains[] = {
	{ "publish", { NULL, 0, 0 } },
	{ "zone", { NULL, 0, 0 } },
	{ "early", { "filter", NF_INET_PRE_ROUTING, -300 } },
	{ "early_own", { "filter", NF_INET_LOCAL_OUT, -300 } },
	{ "arrive", { "nat", NF_INET_PRE_ROUTING, -100 } },
	{ "pass", { "filter", NF_INET_PRE_ROUTING, -90 } },
	{ "own", { "nat", NF_INET_LOCAL_OUT, -100 } },
	{ "forward", { "filter", NF_INET_FORWARD, 0 } },
	{ "leave", { "nat", NF_INET_POST_ROUTING, 100 } },
};

static void match_name(struct nl_msg *m, unsigned key, const char *name)
{
	char full[NAME] = "";

	strncpy(full, name, NAME - 1);
	nft_meta(m, key, NFT_REG_1);
	nft_compare(m, NFT_CMP_EQ, NFT_REG_1, full, NAME);
}

/* iifname . oifname @same */
static void match_same(struct nl_msg *m)
{
	nft_meta(m, NFT_META_IIFNAME, NFT_REG_1);
	nft_meta(m, NFT_META_OIFNAME, NFT_REG_2);
	nft_lookup(m, net_sets[SAME].name, NFT_REG_1, false);
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
	net_match_set(m, NFT_META_IIFNAME, INTERNAL);
	nft_verdict(m, NF_DROP, NULL);
	nft_rule_end(m, r);
	r = nft_rule(m, "forward"); /* oifname @bridges ct status dnat accept */
	net_match_set(m, NFT_META_OIFNAME, BRIDGES);
	nft_ct_has(m, NFT_CT_STATUS, IPS_DST_NAT);
	nft_verdict(m, NF_ACCEPT, NULL);
	nft_rule_end(m, r);
	r = nft_rule(m, "forward"); /* oifname @bridges drop */
	net_match_set(m, NFT_META_OIFNAME, BRIDGES);
	nft_verdict(m, NF_DROP, NULL);
	nft_rule_end(m, r);
}

/* The nat chains see the first packet of each flow alone. */
static void put_talked(struct nl_msg *m, const struct net_family *f)
{
	const struct {
		const char *chain;
		unsigned interface, address;
	} ends[] = { { "arrive", NFT_META_IIFNAME, f->saddr }, { "leave", NFT_META_OIFNAME, f->daddr } };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct nft_rule r = nft_rule(m, ends[i].chain); /* iifname @bridges add @talked4 { ip saddr } */

		net_match_set(m, ends[i].interface, BRIDGES);
		net_match_family(m, f);
		nft_payload(m, NFT_PAYLOAD_NETWORK_HEADER, ends[i].address, f->size, R);
		nft_set_add(m, net_sets[f->talked].name, R);
		nft_rule_end(m, r);
	}
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

/* Of the host's own clients at 127.0.0.1. */
static void put_loopback(struct nl_msg *m)
{
	const struct net_family *f = &net_families[0];
	struct nft_rule r = nft_rule(m, "leave"); /* ip saddr 127.0.0.0/8 oifname @bridges masquerade */

	net_match_subnet(m, f, f->saddr, &f->loopback);
	net_match_set(m, NFT_META_OIFNAME, BRIDGES);
	nft_masquerade(m);
	nft_rule_end(m, r);
}

static void put_mark(struct nl_msg *m, const struct net_network *n, const struct net_family *f, const struct net_cidr *c)
{
	struct nft_rule r = nft_rule(m, "pass"); /* iifname BRIDGE, or ip daddr SUBNET, meta mark set meta mark | NET_MARK */

	if (c)
		net_match_subnet(m, f, f->daddr, c);
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

static void put_masquerade(struct nl_msg *m, const struct net_family *f, const struct net_cidr *c)
{
	struct nft_rule r = nft_rule(m, "leave"); /* ip saddr SUBNET oifname != @bridges masquerade */

	net_match_subnet(m, f, f->saddr, c);
	nft_meta(m, NFT_META_OIFNAME, NFT_REG_1);
	nft_lookup_not(m, net_sets[BRIDGES].name, NFT_REG_1);
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
	nft_elements(m, &net_sets[BRIDGES], NFT_MSG_NEWSETELEM, &name, 1);
	nft_elements(m, &net_sets[SAME], NFT_MSG_NEWSETELEM, &same, 1);
	if (n->internal)
		nft_elements(m, &net_sets[INTERNAL], NFT_MSG_NEWSETELEM, &name, 1);
	put_mark(m, n, NULL, NULL);
	for (size_t i = 0; i < 2; i++) {
		const struct net_cidr *c = &ranges[i]->subnet;

		if (!c->ip.family)
			continue;
		put_mark(m, n, &net_families[i], c);
		if (!n->internal && is_private(c))
			put_masquerade(m, &net_families[i], c);
	}
}

/* The first makes sure that there is one to delete. */
static void put_end(struct nl_msg *m)
{
	nft_table(m, NULL);
	nft_table_delete(m);
}

static void put_skeleton(struct nl_msg *m, const struct nft_note *note, bool loopback)
{
	put_end(m);
	nft_table(m, note);
	for (size_t i = 0; i < SETS; i++)
		nft_set(m, &net_sets[i]);
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		nft_chain(m, chains[i].name, chains[i].hook.type ? &chains[i].hook : NULL);
	for (size_t i = 0; i < FAMILIES; i++)
		put_talked(m, &net_families[i]);
	net_publish_rules(m, loopback);
	put_forward(m);
	put_hairpin(m);
	put_loopback(m);
}

/* What the table before this one knew of them is lost. */
static void put_all_talked(struct nl_msg *m, const struct net_record *r)
{
	net_ips all = net_record_ips(m->bytes.arena, r);

	for (size_t i = 0; i < all.len; i++) {
		const struct nft_set *set;
		struct nft_element x = net_talked(&all.at[i], &set);

		nft_elements(m, set, NFT_MSG_NEWSETELEM, &x, 1);
	}
}

void net_rules_put(struct nl_msg *m, const struct nft_note *note, const net_networks *networks, const net_records *records, bool loopback)
{
	nft_begin(m);
	put_skeleton(m, note, loopback);
	for (size_t i = 0; i < networks->len; i++)
		if (net_is_own(&networks->at[i]))
			put_network(m, &networks->at[i]);
	for (size_t i = 0; i < records->len; i++) {
		net_publish_ports(m, &records->at[i], NFT_MSG_NEWSETELEM);
		put_all_talked(m, &records->at[i]);
	}
	nft_end(m);
}

void net_rules_end(struct nl_msg *m)
{
	nft_begin(m);
	put_end(m);
	nft_end(m);
}

void net_rules_ports(struct nl_msg *m, const struct net_record *take, const struct net_record *give)
{
	nft_begin(m);
	if (take)
		net_publish_ports(m, take, NFT_MSG_DELSETELEM);
	if (give)
		net_publish_ports(m, give, NFT_MSG_NEWSETELEM);
	nft_end(m);
}
