/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/mend.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "net/bridge.h"
#include "net/lease.h"

struct bridge {
	const struct net_network *n;
	struct net_link link; /* .index 0: it is gone */
	net_links loose;      /* ends that belong on it and are elsewhere */
	bool used, bare;      /* somebody who lives is in the network; an address is missing, or it is down */
	bool foreign;	      /* it is no bridge at all */
};

static int find(struct nl *host, const char *name, struct net_link *out)
{
	int r = net_link_find(host, name, out);

	if (r == -ENODEV)
		*out = (struct net_link){ .index = 0 };
	return r == -ENODEV ? 0 : r;
}

static bool has(const net_addrs *l, const struct net_ip *ip)
{
	for (size_t i = 0; i < l->len; i++)
		if (l->at[i].family == ip->family && !memcmp(l->at[i].local, ip->at, net_ip_size(ip->family)))
			return true;
	return !ip->family;
}

static int look_at_ends(struct arena *a, struct nl *host, const net_records *living, struct bridge *b)
{
	for (size_t i = 0; i < living->len; i++)
		for (size_t k = 0; k < living->at[i].networks.len; k++) {
			const struct net_attachment *t = &living->at[i].networks.at[k];
			struct net_link end;
			int r = strcmp(t->network, b->n->name) != 0 || !t->host_interface ? 1 : find(host, t->host_interface, &end);

			if (r < 0)
				return r;
			b->used |= !r;
			if (r || !end.index || (b->link.index && end.master == b->link.index))
				continue;
			b->loose.at = arena_grow(a, b->loose.at, b->loose.len, sizeof(end));
			b->loose.at[b->loose.len++] = end;
		}
	return 0;
}

static int look(struct arena *a, struct nl *host, const net_records *living, const struct net_network *n, struct bridge *out)
{
	net_addrs addrs = { NULL, 0 };
	int r;

	*out = (struct bridge){ .n = n };
	r = find(host, n->interface, &out->link);
	if (!r && out->link.index)
		r = net_addr_list(a, host, out->link.index, &addrs);
	out->bare = !has(&addrs, &n->v4.gateway) || !has(&addrs, &n->v6.gateway) || !(out->link.flags & IFF_UP);
	out->foreign = out->link.index && strcmp(out->link.kind, "bridge") != 0;
	return r ? r : look_at_ends(a, host, living, out);
}

/* Of a network that nobody has come into yet there is no bridge. */
static bool is_whole(const struct bridge *b)
{
	return b->link.index ? !b->bare && !b->loose.len && !b->foreign : !b->used;
}

/* What stands in its place is for people to move. */
static int mend(struct nl *host, struct bridge *b, struct err *e)
{
	int r = 0;

	if (b->foreign || is_whole(b))
		return 0;
	r = net_bridge_make(host, b->n, b->link.index, &b->link, e);
	for (size_t i = 0; i < b->loose.len && r >= 0; i++) {
		r = net_link_set_master(host, b->loose.at[i].index, b->link.index);
		if (r)
			return nl_fail(host, r, e, "bring the interface %s back to the bridge %s of the network %s", b->loose.at[i].name, b->n->interface,
				       b->n->name);
	}
	return r < 0 ? r : 0;
}

int net_mend(struct arena *a, int data, const net_networks *all, struct err *e)
{
	auto_nl host = NL_NONE;
	net_records living;
	int r = net_record_living(a, data, &living, e);

	if (!r)
		r = nl_open(NETLINK_ROUTE, -1, &host, e);
	for (size_t i = 0; i < all->len && !r; i++) {
		struct bridge b;

		if (!net_is_own(&all->at[i]))
			continue;
		r = look(a, &host, &living, &all->at[i], &b);
		r = r ? nl_fail(&host, r, e, "look at the bridge %s of the network %s", all->at[i].interface, all->at[i].name) : mend(&host, &b, e);
	}
	return r;
}

static const char *words(struct arena *a, const struct bridge *b)
{
	if (b->foreign)
		return "is another kind of interface, of somebody else: it is in the way";
	if (!b->link.index)
		return "is gone: kist network repair makes it";
	if (b->bare)
		return "is down or has lost an address: kist network repair mends it";
	return arena_printf(a, "has lost the interfaces of containers, such as %s: kist network repair brings them back", b->loose.at[0].name);
}

int net_mend_check(struct strv *v, struct nl *host, int data, const net_networks *all, struct err *e)
{
	net_records living;
	int r = net_record_living(v->arena, data, &living, e);

	for (size_t i = 0; i < all->len && !r; i++) {
		const struct net_network *n = &all->at[i];
		struct bridge b;

		if (!net_is_own(n))
			continue;
		r = look(v->arena, host, &living, n, &b);
		if (r)
			return nl_fail(host, r, e, "look at the bridge %s of the network %s", n->interface, n->name);
		if (!is_whole(&b))
			strv_add(v, arena_printf(v->arena, "the bridge %s of the network %s %s", n->interface, n->name, words(v->arena, &b)));
	}
	return r;
}
