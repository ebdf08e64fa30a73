/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/rules.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <string.h>

#include "net/publish.h"
#include "net/sets.h"

enum { FEW = 3 };
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

static void end_mark(struct nl_msg *m, struct nft_rule r)
{
	nft_mark_add(m, NET_MARK);
	nft_verdict(m, NF_ACCEPT, NULL);
	nft_rule_end(m, r);
}

/* iifname BRIDGE, or @bridges, meta mark set meta mark | NET_MARK accept */
static void put_mark_from(struct nl_msg *m, const strings *bridges)
{
	struct nft_rule r;

	for (size_t i = 0; i < bridges->len && bridges->len <= FEW; i++) {
		char name[NAME] = "";

		strncpy(name, bridges->at[i], NAME - 1);
		r = nft_rule(m, "pass");
		nft_meta(m, NFT_META_IIFNAME, NFT_REG_1);
		nft_compare(m, NFT_CMP_EQ, NFT_REG_1, name, NAME);
		end_mark(m, r);
	}
	if (bridges->len <= FEW)
		return;
	r = nft_rule(m, "pass");
	net_match_set(m, NFT_META_IIFNAME, BRIDGES);
	end_mark(m, r);
}

/* ip daddr SUBNET, or @subnets4, meta mark set meta mark | NET_MARK accept */
static void put_mark_to(struct nl_msg *m, const struct net_family *f, const net_cidrs *subnets)
{
	struct nft_rule r;

	for (size_t i = 0; i < subnets->len && subnets->len <= FEW; i++) {
		r = nft_rule(m, "pass");
		net_match_subnet(m, f, f->daddr, &subnets->at[i]);
		end_mark(m, r);
	}
	if (subnets->len <= FEW)
		return;
	r = nft_rule(m, "pass");
	net_match_address(m, f, f->daddr, f->subnets);
	end_mark(m, r);
}

/* Every packet of the host passes here, however many networks there are.  A few comparisons take the kernel less than to look for one
 * among many. */
static void put_mark(struct nl_msg *m, const net_networks *all)
{
	strings bridges = net_bridges(m->bytes.arena, all);

	put_mark_from(m, &bridges);
	for (size_t i = 0; i < FAMILIES; i++) {
		net_cidrs subnets = net_subnets(m->bytes.arena, all, &net_families[i], false);

		put_mark_to(m, &net_families[i], &subnets);
	}
}

static void put_masquerade(struct nl_msg *m, const struct net_family *f)
{
	struct nft_rule r = nft_rule(m, "leave"); /* ip saddr @hidden4 oifname != @bridges masquerade */

	net_match_address(m, f, f->saddr, f->hidden);
	nft_meta(m, NFT_META_OIFNAME, NFT_REG_1);
	nft_lookup_not(m, net_sets[BRIDGES].name, NFT_REG_1);
	nft_masquerade(m);
	nft_rule_end(m, r);
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
	for (size_t i = 0; i < FAMILIES; i++)
		put_masquerade(m, &net_families[i]);
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
	net_networks_put(m, networks);
	put_mark(m, networks);
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
