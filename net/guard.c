/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/guard.h"

#include <linux/fib_rules.h>
#include <string.h>

#include "net/forward.h"
#include "net/rules.h"

enum { MARKED = NET_GUARD_FIRST, OWN, NETWORKS };

static const int both[] = { AF_INET, AF_INET6 };

static void add(struct arena *a, net_fib_rules *l, struct net_fib_rule r)
{
	l->at = arena_grow(a, l->at, l->len, sizeof(r));
	l->at[l->len++] = r;
}

static void add_frame(struct arena *a, net_fib_rules *l)
{
	for (size_t i = 0; i < 2; i++) {
		add(a, l, (struct net_fib_rule){ .family = both[i], .action = FR_ACT_NOP, .priority = NET_GUARD_LANDING });
		add(a, l, (struct net_fib_rule){ .family = both[i], .action = FR_ACT_GOTO, .priority = MARKED, .mark = NET_MARK, .target = NET_GUARD_LANDING });
		add(a, l, (struct net_fib_rule){ .family = both[i], .action = FR_ACT_GOTO, .priority = OWN, .target = NET_GUARD_LANDING, .from = "lo" });
	}
}

static void add_network(struct arena *a, net_fib_rules *l, const struct net_network *net)
{
	const struct net_range *ranges[] = { &net->v4, &net->v6 };

	for (size_t i = 0; i < 2; i++) {
		struct net_fib_rule r = { .family = both[i], .action = FR_ACT_PROHIBIT, .priority = NETWORKS };

		r.from = net->interface;
		add(a, l, r);
		r.from = NULL;
		r.to = ranges[i]->subnet;
		if (r.to.ip.family)
			add(a, l, r);
	}
}

/*
 * What came by an interface whose forwarding the administrator has switched on himself was passed on before, too.
 * All of IPv6 comes in two halves, so that the rules ask for a sender: whatever is passed on has one, but the kernel itself asks for ways
 * without, and by no interface, when somebody adds a route with a gateway to a table of his own.
 */
static void add_others(struct arena *a, net_fib_rules *l, const strings *interfaces, bool four, bool six)
{
	static const struct net_cidr halves[] = { { { .family = AF_INET6 }, 1 }, { { AF_INET6, { 0x80 } }, 1 } };
	struct net_fib_rule r = { .family = AF_INET6, .action = FR_ACT_PROHIBIT, .priority = NET_GUARD_OTHERS };

	for (size_t i = 0; i < 2 && six; i++) {
		r.sender = halves[i];
		add(a, l, r);
	}
	r.sender = (struct net_cidr){ .prefix = 0 };
	r.family = AF_INET;
	for (size_t i = 0; i < interfaces->len && four; i++) {
		r.from = interfaces->at[i];
		add(a, l, r);
	}
}

static net_fib_rules rules_of(struct arena *a, const net_networks *all, const struct net_forwarding *f)
{
	net_fib_rules l = { NULL, 0 };

	add_frame(a, &l);
	for (size_t i = 0; i < all->len; i++)
		if (net_is_own(&all->at[i]))
			add_network(a, &l, &all->at[i]);
	add_others(a, &l, &f->interfaces, f->four, f->six);
	return l;
}

/* The host's own packets and those of the networks are let through by the frame before; the rules come before forwarding does. */
int net_guard_set(struct arena *a, int data, const net_networks *all, struct err *e)
{
	net_fib_rules wanted, unwanted = { NULL, 0 };
	struct net_forwarding f;
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &n, e);

	if (r)
		return r;
	r = net_forward_plan(a, data, all, &f);
	if (r)
		return err_num(e, r, "find out what forwards (/proc/sys/net/*/conf/*/forwarding)");
	wanted = rules_of(a, all, &f);
	add_others(a, &unwanted, &f.interfaces, !f.four, !f.six);
	r = net_fib_change(&n, true, &wanted);
	if (!r)
		r = net_fib_change(&n, false, &unwanted);
	if (r)
		return nl_fail(&n, r, e, "make the routing rules that keep networks closed");
	r = net_forward(a, data, all);
	return r < 0 ? err_num(e, r, "switch forwarding on for the networks (/proc/sys/net/*/conf/*/forwarding)") : 0;
}

/* A host without IPv6 has no rules of it, not even the kernel's own. */
static bool is_known(const net_fib_rules *there, int family)
{
	for (size_t i = 0; i < there->len; i++)
		if (there->at[i].family == family)
			return true;
	return false;
}

int net_guard_missing(struct arena *a, int data, const net_networks *all, const net_fib_rules *there, size_t *count, bool *six)
{
	struct net_forwarding f;
	net_fib_rules wanted;
	int r = net_forward_known(a, data, &f);

	if (r)
		return r;
	wanted = rules_of(a, all, &f);
	*count = 0;
	for (size_t i = 0; i < wanted.len; i++)
		*count += is_known(there, wanted.at[i].family) && !net_fib_has(there, &wanted.at[i]);
	*six = f.six;
	return 0;
}

int net_guard_end(struct arena *a, int data, struct err *e)
{
	const net_networks none = { NULL, 0 };
	net_fib_rules all = { NULL, 0 };
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
	add_others(a, &all, &f.interfaces, true, true);
	add_frame(a, &all);
	r = net_fib_change(&n, false, &all);
	return r ? nl_fail(&n, r, e, "remove the routing rules of networks") : 0;
}

int net_guard_remove(const struct net_network *net, struct err *e)
{
	auto_arena a = { 0 };
	net_fib_rules rules = { NULL, 0 };
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &n, e);

	if (r)
		return r;
	add_network(&a, &rules, net);
	r = net_fib_change(&n, false, &rules);
	return r ? nl_fail(&n, r, e, "remove the routing rules of the network %s", net->name) : 0;
}
