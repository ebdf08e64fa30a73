/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net_check(): what stands in the way on this host, in words. */
#include "net/check.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/fd.h"
#include "net/bandwidth.h"
#include "net/forward.h"
#include "net/link.h"
#include "net/manage.h"
#include "net/mend.h"

static bool says(struct arena *a, const char *file, const char *value)
{
	char *text;
	size_t len;

	return file_read(a, AT_FDCWD, file, 64, &text, &len) >= 0 && !strncmp(text, value, strlen(value));
}

static bool forwards(struct arena *a, const char *interface, const char *value)
{
	return says(a, arena_printf(a, "/proc/sys/net/ipv4/conf/%s/forwarding", interface), value);
}

/* Those of them that clients and routers can be at: not what is down, and not the port of a bridge.  NULL: none. */
static const char *list_of(struct arena *a, struct nl *host, const strings *l)
{
	struct text t = { .arena = a };

	for (size_t i = 0; i < l->len; i++) {
		struct net_link link;

		if (net_link_find(host, l->at[i], &link) == 0 && link.flags & IFF_UP && !link.master)
			text_add(&t, "%s%s", t.len ? ", " : "", l->at[i]);
	}
	return t.len ? text_str(&t) : NULL;
}

/* A bridge of kist's that nobody has come into yet does not exist: then there is nothing to be said of it. */
static bool is_used(struct arena *a, const struct net_network *n)
{
	return net_is_own(n) && !n->internal && (forwards(a, n->interface, "0") || forwards(a, n->interface, "1"));
}

static void check_own(struct strv *v, const struct net_network *n)
{
	struct arena *a = v->arena;

	if (forwards(a, n->interface, "0"))
		strv_add(v, arena_printf(a, "forwarding is switched off for %s, the bridge of the network %s: kist network repair switches it on",
					 n->interface, n->name));
	if (n->subnet && says(a, arena_printf(a, "/proc/sys/net/ipv4/conf/%s/route_localnet", n->interface), "0"))
		strv_add(v, arena_printf(a, "ports published by instances of the network %s are not reached at 127.0.0.1: kist network repair "
					 "opens it, if this kernel has filters by BPF programs for %s (sch_ingress, cls_bpf)",
					 n->name, n->interface));
	if (n->subnet6 && says(a, "/proc/sys/net/ipv6/conf/all/forwarding", "0"))
		strv_add(v, arena_printf(a, "IPv6 forwarding is switched off, so the network %s has no way out by IPv6: kist network repair switches it on",
					 n->name));
}

/* What an administrator has switched off, and what has been plugged in since kist looked. */
static void check_others(struct strv *v, struct nl *host, int data, const net_networks *all)
{
	struct arena *a = v->arena;
	strings off_ones = net_forward_off(a, all), deaf_ones = net_forward_deaf(a, data);
	const char *off = list_of(a, host, &off_ones), *deaf = list_of(a, host, &deaf_ones);

	if (off)
		strv_add(v, arena_printf(a, "forwarding is switched off for %s, so clients that come by there reach no published port: kist network repair "
					    "switches it on", off));
	if (says(a, "/proc/sys/net/ipv4/conf/all/src_valid_mark", "0"))
		strv_add(v, "where rp_filter is on the host takes packets of the networks for forged ones (sysctl net.ipv4.conf.all.src_valid_mark is "
			    "0): kist network repair sets it");
	if (deaf)
		strv_add(v, arena_printf(a, "since the host forwards IPv6, %s no longer takes addresses and routes from router advertisements (sysctl "
					    "accept_ra is 1, not 2): kist network repair makes it", deaf));
}

/* The interface of somebody else that the network is on. */
static int check_foreign(struct strv *v, struct nl *host, const struct net_network *n, struct err *e)
{
	struct arena *a = v->arena;
	struct net_link link;
	int r = net_link_find(host, n->interface, &link);

	if (r && r != -ENODEV)
		return nl_fail(host, r, e, "look at the interface %s of the network %s", n->interface, n->name);
	if (r)
		strv_add(v, arena_printf(a, "the host has no interface %s, which the network %s is on", n->interface, n->name));
	else if (!(link.flags & IFF_UP))
		strv_add(v, arena_printf(a, "the interface %s, which the network %s is on, is down: ip link set %s up", n->interface, n->name, n->interface));
	else if (n->kind == NET_BRIDGE && n->vlan && !link.filters)
		strv_add(v, arena_printf(a, "the bridge %s does not keep VLANs apart, as the network %s needs: ip link set %s type bridge vlan_filtering 1",
					 n->interface, n->name, n->interface));
	return 0;
}

/* What a flush of the firewall opens, for root of a container alone. */
static int check_limits(struct strv *v, struct nl *host, struct err *e)
{
	size_t all, unguarded;
	int r = net_shapers_count(host, &all, &unguarded);

	if (r)
		return nl_fail(host, r, e, "look for what limits bandwidth");
	if (unguarded)
		strv_add(v, arena_printf(v->arena, "the firewall table \"bridge kist\" is missing, or does not know %zu of %zu interfaces: root of their containers "
						   "could get past the limit of bandwidth; kist network repair makes it", unguarded, all));
	return 0;
}

static int check_networks(struct strv *v, int data, const net_networks *all, struct err *e)
{
	auto_nl host = NL_NONE;
	bool used = false;
	int r = nl_open(NETLINK_ROUTE, -1, &host, e);

	for (size_t i = 0; i < all->len && !r; i++) {
		const struct net_network *n = &all->at[i];

		if (!net_is_own(n) && n->kind != NET_PHYS) /* that may be in a container */
			r = check_foreign(v, &host, n, e);
		if (is_used(v->arena, n))
			check_own(v, n);
		used |= is_used(v->arena, n);
	}
	if (!r)
		r = net_mend_check(v, &host, data, all, e);
	if (!r && used)
		check_others(v, &host, data, all);
	if (!r && net_check_any_bridge(all))
		r = net_check_guard(v, &host, data, all, e);
	return r ? r : check_limits(v, &host, e);
}

int net_check(struct arena *a, int data, strings *out, struct err *e)
{
	struct strv v = { .arena = a };
	net_networks all;
	int r = net_network_list(a, data, &all, e);

	if (!r && all.len)
		r = check_networks(&v, data, &all, e);
	if (!r && all.len)
		r = net_check_firewall(&v, data, &all, e);
	if (!r)
		net_check_iptables(&v, &all);
	*out = (strings){ v.at, v.len };
	return r;
}
