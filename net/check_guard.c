/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net_check_guard(): what keeps networks closed without the firewall, and what it keeps from others. */
#include <linux/fib_rules.h>
#include <net/if.h>
#include <string.h>

#include "net/check.h"
#include "net/guard.h"
#include "net/link.h"

static bool is_own_bridge(const struct net_link *l, const net_networks *all)
{
	for (size_t i = 0; i < all->len; i++)
		if (net_is_own(&all->at[i]) && !strcmp(all->at[i].interface, l->name))
			return true;
	return false;
}

/* An address that somebody gave it for good: those of a mere client come from router advertisements, and expire. */
static bool has_ipv6(struct arena *a, struct nl *host, const struct net_link *l)
{
	net_addrs addrs;

	if (net_addr_list(a, host, l->index, &addrs))
		return false;
	for (size_t i = 0; i < addrs.len; i++)
		if (addrs.at[i].family == AF_INET6)
			return true;
	return false;
}

/* The administrator has a rule for it. */
static bool is_let_pass(const net_fib_rules *rules, const char *interface)
{
	for (size_t i = 0; i < rules->len; i++) {
		const struct net_fib_rule *r = &rules->at[i];

		if (r->family == AF_INET6 && r->action == FR_ACT_GOTO && r->priority < NET_GUARD_OTHERS && r->from && !strcmp(r->from, interface))
			return true;
	}
	return false;
}

/* Two or more interfaces between which a router would pass on; NULL: there are none, or all of them have a rule. */
static const char *refused6(struct arena *a, struct nl *host, const net_networks *all, const net_fib_rules *rules)
{
	struct text t = { .arena = a };
	size_t count = 0;
	net_links links;

	if (net_link_list(a, host, &links))
		return NULL;
	for (size_t i = 0; i < links.len; i++) {
		const struct net_link *l = &links.at[i];

		if (!(l->flags & IFF_UP) || l->flags & IFF_LOOPBACK || l->master || is_own_bridge(l, all) || !has_ipv6(a, host, l))
			continue;
		count++;
		if (!is_let_pass(rules, l->name))
			text_add(&t, "%s%s", t.len ? ", " : "", l->name);
	}
	return count > 1 && t.len ? text_str(&t) : NULL;
}

int net_check_guard(struct strv *v, struct nl *host, int data, const net_networks *all, struct err *e)
{
	struct arena *a = v->arena;
	net_fib_rules there;
	const char *others;
	size_t missing = 0;
	bool six = false;
	int r = net_fib_list(a, host, &there);

	if (!r)
		r = net_guard_missing(a, data, all, &there, &missing, &six);
	if (r)
		return nl_fail(host, r, e, "read the routing rules of the host");
	if (missing)
		strv_add(v, arena_printf(a, "%zu of the routing rules %d to %d are missing, which keep networks closed when the firewall is flushed: kist "
					    "network repair makes them; so that systemd-networkd leaves them, ManageForeignRoutingPolicyRules=no belongs into "
					    "/etc/systemd/networkd.conf", missing, NET_GUARD_FIRST, NET_GUARD_LANDING));
	others = six ? refused6(a, host, all, &there) : NULL;
	if (others)
		strv_add(v, arena_printf(a, "kist itself has switched IPv6 forwarding on, and what comes by %s it lets pass to networks alone (routing rule "
					    "%d): if the host is a router, ip -6 rule add pref %d iif INTERFACE goto %d, and net.ipv6.conf.all.forwarding=1 "
					    "in /etc/sysctl.d for the next boot", others, NET_GUARD_OTHERS, NET_GUARD_EXCEPTIONS, NET_GUARD_LANDING));
	return 0;
}
