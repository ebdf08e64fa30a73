/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/manage.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "net/bandwidth.h"
#include "net/guard.h"
#include "net/link.h"
#include "net/members.h"
#include "net/phys.h"
#include "net/rules.h"
#include "net/survey.h"
#include "net/vlan.h"

static const char *now(struct arena *a)
{
	char *text = arena_alloc(a, TEXT_TIME);
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	text_time(text, &t);
	return text;
}

/* What --network takes for something else. */
static int refuse_reserved(const char *name, struct err *e)
{
	static const char *const words[] = { "host", "none", "container" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(name, words[i]))
			return err_set(e, EINVAL, "\"%s\" cannot be the name of a network: --network %s means something else", name, name);
	return 0;
}

/* VLANs of one bridge are networks apart. */
static bool same_bridge(const struct net_network *x, const struct net_network *y)
{
	bool apart = x->foreign && y->foreign && x->vlan && y->vlan && *x->vlan != *y->vlan;

	return x->kind == NET_BRIDGE && !strcmp(x->interface, y->interface) && !apart;
}

/* An interface is shared by one driver at a time, ipvlan even in one mode: the kernel would put all that are on it into the newest one. */
static bool shared_otherwise(const struct net_network *x, const struct net_network *y)
{
	if (x->kind == NET_BRIDGE || y->kind == NET_BRIDGE || strcmp(x->on, y->on) != 0)
		return false;
	return x->kind != y->kind || (x->kind == NET_IPVLAN && x->link_mode != y->link_mode);
}

static int refuse_twice(struct arena *a, int data, const struct net_network *n, struct err *e)
{
	const struct net_range *ranges[] = { &n->v4, &n->v6 };
	net_networks all;
	int r = net_network_list(a, data, &all, e);

	if (r)
		return r;
	for (size_t i = 0; i < all.len; i++) {
		const struct net_network *other = &all.at[i];

		if (!strcmp(other->name, n->name))
			return err_set(e, EEXIST, "there is a network \"%s\" already", n->name);
		if (shared_otherwise(n, other))
			return err_set(e, EEXIST, "the network %s has the interface %s in another way (%s%s%s)", other->name, other->on,
				       word_name(net_kind_words, other->kind), other->mode ? " " : "", other->mode ? other->mode : "");
		if (same_bridge(n, other))
			return err_set(e, EEXIST, "the interface %s is that of the network %s", n->interface, other->name);
	}
	for (size_t i = 0; i < 2; i++) {
		const struct net_network *other = ranges[i]->subnet.ip.family ? net_network_clash(&all, &ranges[i]->subnet) : NULL;

		if (other)
			return err_set(e, EEXIST, "the subnet %s overlaps that of the network %s", net_cidr_text(a, &ranges[i]->subnet), other->name);
	}
	return 0;
}

/* On a bridge of kist's what the host can reach already could no longer be reached.  A part of what a route leads to may be meant, of
 * a company's 10.0.0.0/8, say. */
static const struct net_cidr *find_taken(const struct net_known *known, const struct net_cidr *subnet)
{
	for (size_t i = 0; i < known->all.len; i++) {
		const struct net_cidr *c = &known->all.at[i];

		if (net_cidr_overlap(subnet, c) && (i < known->own || c->prefix >= subnet->prefix))
			return c;
	}
	return NULL;
}

static int refuse_host(struct arena *a, const struct net_network *n, const struct net_known *known, struct err *e)
{
	const struct net_range *ranges[] = { &n->v4, &n->v6 };

	for (size_t i = 0; i < 2; i++) {
		const struct net_cidr *taken = ranges[i]->subnet.ip.family ? find_taken(known, &ranges[i]->subnet) : NULL;

		if (taken)
			return err_set(e, EADDRINUSE, "the subnet %s overlaps %s, which this host has an address in or a route to",
				       net_cidr_text(a, &ranges[i]->subnet), net_cidr_text(a, taken));
	}
	return 0;
}

/* Made as one of kist's it would be without a gateway, and be deleted with the network. */
static int refuse_made(const struct net_network *n, struct err *e)
{
	struct net_link link;
	auto_nl host = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &host, e);

	if (!r)
		r = net_link_find(&host, n->interface, &link);
	if (!r)
		return err_set(e, EEXIST, "the host has an interface %s already, which is not of kist's making: --existing says that it is the bridge of the "
			       "network, --interface that this shall have another name", n->interface);
	return r == -ENODEV ? 0 : nl_fail(&host, r, e, "look for the interface %s", n->interface);
}

static int fit_in(struct arena *a, int data, struct net_network *n, struct err *e)
{
	struct net_cidr subnet;
	struct net_known known;
	int r = net_rules_refuse(a, data, e);

	if (!r)
		r = refuse_made(n, e);
	if (!r)
		r = net_survey(a, data, &known, e);
	if (!r && !n->subnet && !n->subnet6) {
		r = net_choose_subnet(&known.all, &subnet, e);
		n->subnet = r ? NULL : net_cidr_text(a, &subnet);
	}
	if (!r)
		r = net_network_judge(a, n, e);
	return r ? r : refuse_host(a, n, &known, e);
}

int net_define(struct arena *a, int data, struct net_network *n, struct err *e)
{
	int r = net_network_judge(a, n, e);

	if (!r)
		r = refuse_reserved(n->name, e);
	if (!r)
		r = refuse_twice(a, data, n, e);
	if (!r && net_is_own(n))
		r = fit_in(a, data, n, e);
	if (r)
		return r;
	n->created = now(a);
	return net_network_write(a, data, n, e);
}

static int refuse_used(struct arena *a, int data, const char *name, struct err *e)
{
	net_records all;
	int r = net_record_living(a, data, &all, e);

	for (size_t i = 0; !r && i < all.len; i++)
		for (size_t k = 0; k < all.at[i].networks.len; k++)
			if (!strcmp(all.at[i].networks.at[k].network, name))
				return err_set(e, EBUSY, "container %s is in the network %s", all.at[i].id, name);
	return r;
}

static int remove_bridge(struct nl *host, const struct net_network *n, struct err *e)
{
	struct net_link link;
	int r = net_link_find(host, n->interface, &link);

	if (!r && !strcmp(link.kind, "bridge"))
		r = net_link_delete(host, link.index);
	return r && r != -ENODEV ? nl_fail(host, r, e, "remove the bridge %s", n->interface) : 0;
}

/* With it would go the interfaces of containers in the other networks on it. */
static int is_shared(struct arena *a, int data, const struct net_network *n, struct err *e)
{
	net_networks all;
	int r = net_network_list(a, data, &all, e);

	for (size_t i = 0; i < all.len && !r; i++)
		r = strcmp(all.at[i].name, n->name) != 0 && !strcmp(all.at[i].on, n->on);
	return r;
}

/* What kist has made for the network. */
static int remove_links(struct arena *a, int data, const struct net_network *n, struct err *e)
{
	auto_nl host = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &host, e);

	if (!r && net_is_own(n))
		return remove_bridge(&host, n, e);
	if (!r)
		r = is_shared(a, data, n, e);
	return r || n->kind == NET_BRIDGE ? r : net_vlan_remove(&host, n, e);
}

/* The definition goes last: with it a removal that was interrupted can be done again. */
int net_undefine(struct arena *a, int data, const char *name, struct err *e)
{
	struct net_network n;
	bool own;
	int r = net_network_read(a, data, name, &n, e);

	if (!r)
		r = refuse_used(a, data, name, e);
	if (!r && n.kind == NET_PHYS)
		r = net_phys_settle(a, data, NULL, n.interface, e);
	if (r < 0)
		return r;
	/* What has its name is another data directory's then. */
	own = net_is_own(&n) && !net_rules_refuse(a, data, NULL);
	if (own || !net_is_own(&n))
		r = remove_links(a, data, &n, e);
	if (r >= 0 && own)
		r = net_guard_remove(&n, e);
	if (r >= 0)
		r = net_network_delete(data, name, e);
	net_lease_sweep(a, data, name);
	if (!r)
		net_members_forget(a, data, name);
	if (!r && own)
		r = net_rules_make(a, data, e);
	return r ? r : net_limits_sweep(e);
}
