/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net_check(): what stands in the way on this host, in words. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "base/fd.h"
#include "net/manage.h"
#include "net/nft.h"

static bool says(struct arena *a, const char *file, const char *value)
{
	char *text;
	size_t len;

	return file_read(a, AT_FDCWD, file, 64, &text, &len) >= 0 && !strncmp(text, value, strlen(value));
}

/* Where a chain hangs, and what it does by default. */
struct chain {
	const char *table, *name;
	uint32_t hook, policy;
};

static bool read_chain(struct nl_span body, struct chain *out)
{
	struct nl_span by[NFTA_CHAIN_POLICY + 1], hook[NFTA_HOOK_HOOKNUM + 1];

	nl_index(nl_after(body, sizeof(struct nfgenmsg)), by, NFTA_CHAIN_POLICY + 1);
	nl_index(by[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_HOOKNUM + 1);
	*out = (struct chain){ nl_str(by[NFTA_CHAIN_TABLE]), nl_str(by[NFTA_CHAIN_NAME]), ntohl(nl_u32(hook[NFTA_HOOK_HOOKNUM])),
			       ntohl(nl_u32(by[NFTA_CHAIN_POLICY])) };
	return out->table && out->name && by[NFTA_CHAIN_HOOK].at && by[NFTA_CHAIN_POLICY].at;
}

static int take_chain(void *data, unsigned type, struct nl_span body)
{
	struct strv *v = data;
	struct chain c;

	(void)type;
	if (read_chain(body, &c) && strcmp(c.table, NFT_TABLE) != 0 && c.hook == NF_INET_FORWARD && c.policy == NF_DROP)
		strv_add(v, arena_printf(v->arena,
					 "the firewall chain \"%s\" of the table \"%s\" drops what is forwarded unless a rule allows it (ufw, firewalld "
					 "and docker do so): allow there what comes from and goes to the bridges",
					 c.name, c.table));
	return 0;
}

static int check_firewall(struct strv *v, struct err *e)
{
	struct nl_msg ask = { .bytes.arena = v->arena }, chains = { .bytes.arena = v->arena };
	struct nfgenmsg head = { .nfgen_family = NFPROTO_UNSPEC };
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_NETFILTER, -1, &n, e);

	if (r)
		return r;
	nft_table_ask(&ask);
	r = nl_talk(&n, &ask, NULL, NULL);
	if (r == -ENOENT)
		strv_add(v, "the firewall table \"inet kist\" is not there, so nothing passes: kist network repair makes it");
	else if (r)
		return nl_fail(&n, r, e, "look for the firewall table inet kist");
	nl_begin(&chains, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, NLM_F_DUMP, &head, sizeof(head));
	r = nl_talk(&n, &chains, take_chain, v);
	return r ? nl_fail(&n, r, e, "read the firewall chains of the host") : 0;
}

static void check_network(struct strv *v, const struct net_network *n)
{
	struct arena *a = v->arena;

	if (!net_is_own(n) || n->internal)
		return;
	if (says(a, arena_printf(a, "/proc/sys/net/ipv4/conf/%s/forwarding", n->interface), "0"))
		strv_add(v, arena_printf(a, "forwarding is switched off for %s, the bridge of the network %s: kist network repair switches it on",
					 n->interface, n->name));
	if (n->subnet6 && says(a, "/proc/sys/net/ipv6/conf/all/forwarding", "0"))
		strv_add(v, arena_printf(a, "IPv6 forwarding is switched off, so the network %s has no way out by IPv6: kist network repair switches it on",
					 n->name));
}

int net_check(struct arena *a, int data, strings *out, struct err *e)
{
	struct strv v = { .arena = a };
	bool own = false;
	net_networks all;
	int r = net_network_list(a, data, &all, e);

	for (size_t i = 0; !r && i < all.len; i++) {
		own |= net_is_own(&all.at[i]);
		check_network(&v, &all.at[i]);
	}
	if (!r && own)
		r = check_firewall(&v, e);
	if (says(a, "/proc/sys/net/bridge/bridge-nf-call-iptables", "1"))
		strv_add(&v, "packets inside of a bridge pass the host's iptables rules (sysctl net.bridge.bridge-nf-call-iptables is 1): rules of "
			     "others may keep instances of one network apart");
	*out = (strings){ v.at, v.len };
	return r;
}
