/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/guard.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "net/forward.h"
#include "net/nl.h"
#include "net/rules.h"

enum { MARKED = 5210, OWN = 5211, NETWORKS = 5220, OTHERS = 5230, LANDING = 5290 };

struct guard_rule {
	int family, action;
	unsigned priority, mark, target;
	const char *from;	    /* interface */
	const struct net_cidr *to;
};

static void put_rule(struct nl_msg *m, unsigned type, unsigned flags, const struct guard_rule *g)
{
	struct fib_rule_hdr head = { .family = (uint8_t)g->family, .action = (uint8_t)g->action };

	if (g->to)
		head.dst_len = (uint8_t)g->to->prefix;
	nl_begin(m, type, NLM_F_ACK | flags, &head, sizeof(head));
	nl_put_u32(m, FRA_PRIORITY, g->priority);
	if (g->mark) {
		nl_put_u32(m, FRA_FWMARK, g->mark);
		nl_put_u32(m, FRA_FWMASK, g->mark);
	}
	if (g->target)
		nl_put_u32(m, FRA_GOTO, g->target);
	if (g->from)
		nl_put_str(m, FRA_IIFNAME, g->from);
	if (g->to)
		nl_put(m, FRA_DST, g->to->ip.at, net_ip_size(g->family));
}

/* One that is there, or to be removed and not there, is fine. */
static int talk_rule(struct nl *n, unsigned type, unsigned flags, const struct guard_rule *g)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	int r;

	put_rule(&m, type, flags, g);
	r = nl_talk(n, &m, NULL, NULL);
	return r == (type == RTM_NEWRULE ? -EEXIST : -ENOENT) ? 0 : r;
}

static int add_rule(struct nl *n, struct guard_rule g)
{
	return talk_rule(n, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, &g);
}

static int change_rule(struct nl *n, bool add, struct guard_rule g)
{
	return add ? add_rule(n, g) : talk_rule(n, RTM_DELRULE, 0, &g);
}

static const int both[] = { AF_INET, AF_INET6 };

static int change_frame(struct nl *n, bool add)
{
	const struct guard_rule frame[] = {
		{ 0, FR_ACT_NOP, LANDING, 0, 0, NULL, NULL },
		{ 0, FR_ACT_GOTO, MARKED, NET_MARK, LANDING, NULL, NULL },
		{ 0, FR_ACT_GOTO, OWN, 0, LANDING, "lo", NULL },
	};
	int r = 0;

	for (size_t i = 0; i < 6 && !r; i++) {
		struct guard_rule g = frame[i / 2];

		g.family = both[i % 2];
		r = change_rule(n, add, g);
	}
	return r;
}

/* The same rows serve adding and removing. */
static size_t rules_of(const struct net_network *net, struct guard_rule out[4])
{
	const struct net_range *ranges[] = { &net->v4, &net->v6 };
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		out[n++] = (struct guard_rule){ both[i], FR_ACT_PROHIBIT, NETWORKS, 0, 0, net->interface, NULL };
		if (ranges[i]->subnet.ip.family)
			out[n++] = (struct guard_rule){ both[i], FR_ACT_PROHIBIT, NETWORKS, 0, 0, NULL, &ranges[i]->subnet };
	}
	return n;
}

static int add_networks(struct nl *n, const net_networks *all)
{
	struct guard_rule rules[4];
	int r = 0;

	for (size_t i = 0; i < all->len && !r; i++) {
		size_t count = net_is_own(&all->at[i]) ? rules_of(&all->at[i], rules) : 0;

		for (size_t k = 0; k < count && !r; k++)
			r = add_rule(n, rules[k]);
	}
	return r;
}

/* What came by an interface whose forwarding the administrator has switched on himself was passed on before, too. */
static int change_others(struct nl *n, const struct net_forwarding *f)
{
	int r = change_rule(n, f->six, (struct guard_rule){ AF_INET6, FR_ACT_PROHIBIT, OTHERS, 0, 0, NULL, NULL });

	for (size_t i = 0; i < f->interfaces.len && !r; i++)
		r = change_rule(n, f->four, (struct guard_rule){ AF_INET, FR_ACT_PROHIBIT, OTHERS, 0, 0, f->interfaces.at[i], NULL });
	return r;
}

/* The host's own packets and those of the networks are let through by the frame before; the rules come before forwarding does. */
static int forward(struct arena *a, int data, struct nl *n, const net_networks *all)
{
	struct net_forwarding f;
	int r = net_forward_plan(a, data, all, &f);

	if (!r)
		r = change_others(n, &f);
	return r ? r : net_forward(a, data, all);
}

int net_guard_set(struct arena *a, int data, const net_networks *all, struct err *e)
{
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &n, e);

	if (r)
		return r;
	r = change_frame(&n, true);
	if (!r)
		r = add_networks(&n, all);
	if (r)
		return nl_fail(&n, r, e, "make the routing rules that keep networks closed");
	r = forward(a, data, &n, all);
	return r < 0 ? nl_fail(&n, r, e, "switch forwarding on for the networks (/proc/sys/net/*/conf/*/forwarding)") : 0;
}

int net_guard_end(struct arena *a, int data, struct err *e)
{
	const net_networks none = { NULL, 0 };
	struct net_forwarding f;
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &n, e);

	if (r)
		return r;
	r = net_forward_plan(a, data, &none, &f);
	if (!r)
		r = net_forward_end(a, data);
	if (r)
		return err_num(e, r, "switch off the forwarding that kist has switched on (/proc/sys/net/*/conf/*/forwarding)");
	f.four = f.six = false;
	r = change_others(&n, &f);
	if (!r)
		r = change_frame(&n, false);
	return r ? nl_fail(&n, r, e, "remove the routing rules of networks") : 0;
}

int net_guard_remove(const struct net_network *net, struct err *e)
{
	struct guard_rule rules[4];
	size_t count = rules_of(net, rules);
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &n, e);

	if (r)
		return r;
	for (size_t i = 0; i < count && !r; i++)
		r = talk_rule(&n, RTM_DELRULE, 0, &rules[i]);
	return r ? nl_fail(&n, r, e, "remove the routing rules of the network %s", net->name) : 0;
}
