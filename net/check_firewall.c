/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net_check_firewall(): whose chains refuse what the networks need passed on. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <string.h>

#include "base/fd.h"
#include "net/check.h"
#include "net/owner.h"

struct place { /* a table */
	int family;
	const char *table;
};

struct chain {
	struct place at;
	const char *name;
	bool refuses; /* hangs where packets are passed on, and what no rule lets through goes no further */
};

struct firewall {
	struct arena *a;
	const net_networks *networks;
	LIST_OF(struct chain) chains;
	LIST_OF(struct known {
		struct place at;
		const char *interface;
	}) known; /* which bridges are named in which tables */
};

static struct place place_of(struct arena *a, struct nl_span body, struct nl_span table)
{
	struct nfgenmsg head = { 0 };

	if (body.len >= sizeof(head))
		memcpy(&head, body.at, sizeof(head));
	return (struct place){ head.nfgen_family, nl_str(table) ? arena_strdup(a, nl_str(table)) : "" };
}

static bool same(const struct place *x, const struct place *y)
{
	return x->family == y->family && !strcmp(x->table, y->table);
}

/* The chain of firewalld lets everything pass by its policy, and refuses by its last rule. */
static int take_chain(void *data, unsigned type, struct nl_span body)
{
	struct firewall *f = data;
	struct nl_span by[NFTA_CHAIN_POLICY + 1], hook[NFTA_HOOK_HOOKNUM + 1];
	struct chain c;

	(void)type;
	nl_index(nl_after(body, sizeof(struct nfgenmsg)), by, NFTA_CHAIN_POLICY + 1);
	nl_index(by[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_HOOKNUM + 1);
	c.at = place_of(f->a, body, by[NFTA_CHAIN_TABLE]);
	c.name = nl_str(by[NFTA_CHAIN_NAME]) ? arena_strdup(f->a, nl_str(by[NFTA_CHAIN_NAME])) : "";
	c.refuses = by[NFTA_CHAIN_HOOK].at && ntohl(nl_u32(hook[NFTA_HOOK_HOOKNUM])) == NF_INET_FORWARD && strcmp(c.at.table, NFT_TABLE) != 0 &&
		    (ntohl(nl_u32(by[NFTA_CHAIN_POLICY])) == NF_DROP || !strcmp(c.at.table, "firewalld")) && by[NFTA_CHAIN_POLICY].at;
	f->chains.at = arena_grow(f->a, f->chains.at, f->chains.len, sizeof(c));
	f->chains.at[f->chains.len++] = c;
	return 0;
}

/* Whoever names the bridge in a rule has thought of it. */
static int take_rule(void *data, unsigned type, struct nl_span body)
{
	struct firewall *f = data;
	struct nl_span by[NFTA_RULE_TABLE + 1];

	(void)type;
	nl_index(nl_after(body, sizeof(struct nfgenmsg)), by, NFTA_RULE_TABLE + 1);
	for (size_t i = 0; i < f->networks->len; i++) {
		const char *name = f->networks->at[i].interface;

		if (!memmem(body.at, body.len, name, strlen(name) + 1))
			continue;
		f->known.at = arena_grow(f->a, f->known.at, f->known.len, sizeof(*f->known.at));
		f->known.at[f->known.len++] = (struct known){ place_of(f->a, body, by[NFTA_RULE_TABLE]), name };
	}
	return 0;
}

static int dump(struct nl *n, struct firewall *f, int type, nl_each *each, size_t *len)
{
	struct nfgenmsg head = { .nfgen_family = NFPROTO_UNSPEC };
	struct nl_msg m = { .bytes.arena = f->a };

	nl_begin(&m, NFNL_SUBSYS_NFTABLES << 8 | (unsigned)type, NLM_F_DUMP, &head, sizeof(head));
	return nl_list(n, &m, each, f, len);
}

static bool is_known(const struct firewall *f, const struct chain *c, const char *interface)
{
	for (size_t i = 0; i < f->known.len; i++)
		if (same(&f->known.at[i].at, &c->at) && !strcmp(f->known.at[i].interface, interface))
			return true;
	return false;
}

static bool has_chain(const struct firewall *f, const struct place *at, const char *name)
{
	for (size_t i = 0; i < f->chains.len; i++)
		if (same(&f->chains.at[i].at, at) && !strcmp(f->chains.at[i].name, name))
			return true;
	return false;
}

/* What one types depends on whose chain it is; each is known by another of its chains.  firewalld lets published ports pass. */
static const struct tool {
	const char *chain, *refused, *before, *between;
	bool twice;
} tools[] = {
	{ "DOCKER-USER", "is passed on", "with docker: iptables -I DOCKER-USER -j ACCEPT -i ", "; iptables -I DOCKER-USER -j ACCEPT -o ", true },
	{ "ufw-before-forward", "is passed on", "with ufw: ufw route allow in on ", "; ufw route allow out on ", true },
	{ "ufw6-before-forward", "is passed on", "with ufw: ufw route allow in on ", "; ufw route allow out on ", true },
	{ "filter_FORWARD", "instances send out", "with firewalld: firewall-cmd --permanent --zone=trusted --add-interface=", "; firewall-cmd --reload", false },
	{ NULL, "is passed on", "let pass there what comes in by ", " and what goes out by it", false },
};

static const struct tool *tool_of(const struct firewall *f, const struct chain *c)
{
	const struct tool *t = tools;

	while (t->chain && !has_chain(f, &c->at, t->chain))
		t++;
	return t;
}

static const char *cure(struct arena *a, const struct tool *t, const char *interface)
{
	return arena_printf(a, "%s%s%s%s", t->before, interface, t->between, t->twice ? interface : "");
}

static bool is_cut_off(const struct chain *c, const struct net_network *n)
{
	if (!net_is_own(n) || n->internal)
		return false;
	return c->at.family == NFPROTO_INET || (c->at.family == NFPROTO_IPV4 && n->subnet) || (c->at.family == NFPROTO_IPV6 && n->subnet6);
}

/* With br_netfilter in the kernel what is only bridged passes these chains, too: that of a bridge of kist's is let through with the rest. */
static const char *bridged_by(struct arena *a, const struct chain *c, const struct net_network *n)
{
	const char *sysctl = c->at.family == NFPROTO_IPV6 ? "bridge-nf-call-ip6tables" : "bridge-nf-call-iptables";
	char *text;
	bool on = n->kind == NET_BRIDGE && n->foreign &&
		  file_read(a, AT_FDCWD, arena_printf(a, "/proc/sys/net/bridge/%s", sysctl), 8, &text, NULL) >= 0 && *text == '1';

	return on ? arena_printf(a, "net.bridge.%s", sysctl) : NULL;
}

static void judge_one(const struct firewall *f, const struct chain *c, const struct net_network *n, struct strv *v)
{
	const struct tool *tool = tool_of(f, c);
	const char *words = arena_printf(f->a, "the firewall chain \"%s\" of the table \"%s\"%s refuses what %s, and no rule there names %s, "
					       "the bridge of the network %s", c->name, c->at.table,
					 c->at.family == NFPROTO_IPV6 ? " of IPv6" : "", tool->refused, n->interface, n->name);
	const char *sysctl = bridged_by(f->a, c, n);

	if (sysctl)
		strv_add(v, arena_printf(f->a, "%s, so it refuses even what stays inside of that: set the sysctl %s to 0, or %s", words, sysctl,
					 cure(f->a, tool, n->interface)));
	else if (is_cut_off(c, n))
		strv_add(v, arena_printf(f->a, "%s: %s", words, cure(f->a, tool, n->interface)));
}

static void judge(const struct firewall *f, struct strv *v)
{
	for (size_t i = 0; i < f->chains.len; i++)
		for (size_t k = 0; k < f->networks->len; k++) {
			const struct chain *c = &f->chains.at[i];
			const struct net_network *n = &f->networks->at[k];

			if (c->refuses && !is_known(f, c, n->interface))
				judge_one(f, c, n, v);
		}
}

/* The first start makes the bridge and the table. */
bool net_check_any_bridge(const net_networks *all)
{
	for (size_t i = 0; i < all->len; i++)
		if (net_is_own(&all->at[i]) && if_nametoindex(all->at[i].interface))
			return true;
	return false;
}

static int check_own(struct strv *v, struct nl *n, int data, const net_networks *all)
{
	struct net_owner o;
	struct err said;
	int r = net_owner_look(v->arena, n, data, &o);

	if (r)
		return r;
	if (net_any_own(all) && net_owner_refuse(v->arena, data, &o, &said) == -EBUSY)
		strv_add(v, arena_strdup(v->arena, said.msg));
	else if (net_check_any_bridge(all) && !o.there)
		strv_add(v, "the firewall table \"inet kist\" is not there, so nothing passes: kist network repair makes it");
	else if (net_check_any_bridge(all) && !o.ours)
		strv_add(v, "the firewall table \"inet kist\" was loaded from a file, and may be old: kist network repair makes it");
	return 0;
}

int net_check_firewall(struct strv *v, int data, const net_networks *all, struct err *e)
{
	struct firewall f = { .a = v->arena, .networks = all };
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_NETFILTER, -1, &n, e);

	if (r)
		return r;
	r = check_own(v, &n, data, all);
	if (r)
		return nl_fail(&n, r, e, "look for the firewall table inet kist");
	r = dump(&n, &f, NFT_MSG_GETCHAIN, take_chain, &f.chains.len);
	if (!r)
		r = dump(&n, &f, NFT_MSG_GETRULE, take_rule, &f.known.len);
	if (r)
		return nl_fail(&n, r, e, "read the firewall rules of the host");
	judge(&f, v);
	return 0;
}
