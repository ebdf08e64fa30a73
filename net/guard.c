/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/guard.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"
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

static const int both[] = { AF_INET, AF_INET6 };

static int add_frame(struct nl *n)
{
	int r = 0;

	for (size_t i = 0; i < 2 && !r; i++) {
		r = add_rule(n, (struct guard_rule){ both[i], FR_ACT_NOP, LANDING, 0, 0, NULL, NULL });
		if (!r)
			r = add_rule(n, (struct guard_rule){ both[i], FR_ACT_GOTO, MARKED, NET_MARK, LANDING, NULL, NULL });
		if (!r)
			r = add_rule(n, (struct guard_rule){ both[i], FR_ACT_GOTO, OWN, 0, LANDING, "lo", NULL });
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

static bool is_on(struct arena *a, const char *knob, const char *value)
{
	char *text;
	size_t len;

	return file_read(a, AT_FDCWD, knob, 64, &text, &len) >= 0 && !strncmp(text, value, strlen(value));
}

static int set(struct arena *a, const char *family, const char *interface, const char *value)
{
	int r = file_poke(AT_FDCWD, arena_printf(a, "/proc/sys/net/%s/conf/%s/forwarding", family, interface), value);

	return r == -ENOENT ? 0 : r; /* of a bridge that nobody uses yet */
}

/* Its bridge must not pass anything on, nor need the far ends of pairs, which are ports of a bridge. */
static bool needs_none(const char *interface, const net_networks *all)
{
	for (size_t i = 0; i < all->len; i++)
		if (all->at[i].internal && net_is_own(&all->at[i]) && !strcmp(all->at[i].interface, interface))
			return true;
	return !strcmp(interface, "lo") || text_starts(interface, NET_PAIR);
}

static int forward_each(struct arena *a, const net_networks *all)
{
	struct if_nameindex *names = if_nameindex();
	int r = names ? 0 : -errno;

	for (struct if_nameindex *i = names; i && i->if_index && !r; i++)
		if (!needs_none(i->if_name, all))
			r = set(a, "ipv4", i->if_name, "1");
	if (names)
		if_freenameindex(names);
	return r;
}

/* An administrator who forwards for all interfaces has his reasons: kist neither adds to it nor stands in the way. */
static int forward4(struct arena *a, struct nl *n, const net_networks *all)
{
	struct guard_rule others = { AF_INET, FR_ACT_PROHIBIT, OTHERS, 0, 0, NULL, NULL };
	int r;

	if (is_on(a, "/proc/sys/net/ipv4/conf/all/forwarding", "1"))
		return talk_rule(n, RTM_DELRULE, 0, &others);
	r = add_rule(n, others);
	return r ? r : forward_each(a, all);
}

/* A host that forwards no longer listens to router advertisements, unless it is told to. */
static int keep_advertisements(struct arena *a)
{
	struct if_nameindex *names = if_nameindex();
	int r = 0;

	for (struct if_nameindex *i = names; i && i->if_index && !r; i++) {
		const char *knob = arena_printf(a, "/proc/sys/net/ipv6/conf/%s/accept_ra", i->if_name);

		if (is_on(a, knob, "1"))
			r = file_poke(AT_FDCWD, knob, "2");
	}
	if (names)
		if_freenameindex(names);
	return r;
}

static int forward6(struct arena *a, struct nl *n, const net_networks *all)
{
	bool wanted = false;
	int r;

	for (size_t i = 0; i < all->len; i++)
		wanted |= net_is_own(&all->at[i]) && !all->at[i].internal && all->at[i].v6.subnet.ip.family;
	if (!wanted || is_on(a, "/proc/sys/net/ipv6/conf/all/forwarding", "1"))
		return 0;
	r = add_rule(n, (struct guard_rule){ AF_INET6, FR_ACT_PROHIBIT, OTHERS, 0, 0, NULL, NULL });
	if (!r)
		r = keep_advertisements(a);
	return r ? r : set(a, "ipv6", "all", "1");
}

int net_guard_set(struct arena *a, const net_networks *all, struct err *e)
{
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &n, e);

	if (r)
		return r;
	r = add_frame(&n);
	if (!r)
		r = add_networks(&n, all);
	if (r)
		return nl_fail(&n, r, e, "make the routing rules that keep networks closed");
	r = forward4(a, &n, all);
	if (!r)
		r = forward6(a, &n, all);
	return r ? nl_fail(&n, r, e, "switch forwarding on for the networks (/proc/sys/net/*/conf/*/forwarding)") : 0;
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
