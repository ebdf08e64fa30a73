/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net_networks_put(): what networks are to the firewall. */
#include <linux/netfilter.h>
#include <string.h>

#include "net/network.h"
#include "net/sets.h"

static void put_names(struct nl_msg *m, const net_networks *all, int set)
{
	struct nft_element *names = arena_array(m->bytes.arena, all->len, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; i < all->len; i++) {
		const struct net_network *net = &all->at[i];

		if (!net_is_own(net) || (set == INTERNAL && !net->internal))
			continue;
		strncpy((char *)names[n].key, net->interface, NAME - 1);
		if (set == SAME)
			memcpy(names[n].key + NAME, names[n].key, NAME);
		n++;
	}
	nft_elements(m, &net_sets[set], NFT_MSG_NEWSETELEM, names, n);
}

/* Public IPv6 addresses need no other; private ones do. */
static bool hides(const struct net_network *n, const struct net_cidr *c)
{
	return !n->internal && (c->ip.family == AF_INET || (c->ip.at[0] & 0xfe) == 0xfc);
}

/* Those that stand in the set of that family; NULL: this network's does not. */
static const struct net_cidr *subnet_of(const struct net_network *n, const struct net_family *f, bool hidden)
{
	const struct net_cidr *c = f->nfproto == NFPROTO_IPV4 ? &n->v4.subnet : &n->v6.subnet;

	return net_is_own(n) && c->ip.family && (!hidden || hides(n, c)) ? c : NULL;
}

/* The kernel refuses ranges that overlap; of subnets that do the one is part of the other. */
static bool is_part(const net_networks *all, size_t i, const struct net_family *f, bool hidden)
{
	const struct net_cidr *c = subnet_of(&all->at[i], f, hidden);

	for (size_t k = 0; k < all->len; k++) {
		const struct net_cidr *other = k != i ? subnet_of(&all->at[k], f, hidden) : NULL;

		if (other && net_cidr_overlap(c, other) && (other->prefix < c->prefix || (other->prefix == c->prefix && k < i)))
			return true;
	}
	return false;
}

/* The first address and, unless it is the last subnet of all, the first one after. */
static size_t put_range(struct nft_element out[2], const struct net_cidr *c)
{
	struct net_ip first = net_cidr_nth(c, 0), after;

	memcpy(out[0].key, first.at, sizeof(first.at));
	if (!net_cidr_after(c, &after))
		return 1;
	memcpy(out[1].key, after.at, sizeof(after.at));
	out[1].after = true;
	return 2;
}

net_cidrs net_subnets(struct arena *a, const net_networks *all, const struct net_family *f, bool hidden)
{
	net_cidrs l = { arena_array(a, all->len, sizeof(*l.at)), 0 };

	for (size_t i = 0; i < all->len; i++) {
		const struct net_cidr *c = subnet_of(&all->at[i], f, hidden);

		if (c && !is_part(all, i, f, hidden))
			l.at[l.len++] = *c;
	}
	return l;
}

static void put_subnets(struct nl_msg *m, const net_networks *all, const struct net_family *f, bool hidden)
{
	net_cidrs subnets = net_subnets(m->bytes.arena, all, f, hidden);
	struct nft_element *ranges = arena_array(m->bytes.arena, 2 * subnets.len, sizeof(*ranges));
	size_t n = 0;

	for (size_t i = 0; i < subnets.len; i++)
		n += put_range(ranges + n, &subnets.at[i]);
	nft_elements(m, &net_sets[hidden ? f->hidden : f->subnets], NFT_MSG_NEWSETELEM, ranges, n);
}

strings net_bridges(struct arena *a, const net_networks *all)
{
	struct strv v = { .arena = a };

	for (size_t i = 0; i < all->len; i++)
		if (net_is_own(&all->at[i]))
			strv_add(&v, all->at[i].interface);
	return (strings){ v.at, v.len };
}

void net_networks_put(struct nl_msg *m, const net_networks *all)
{
	put_names(m, all, BRIDGES);
	put_names(m, all, SAME);
	put_names(m, all, INTERNAL);
	for (size_t i = 0; i < FAMILIES; i++) {
		put_subnets(m, all, &net_families[i], false);
		put_subnets(m, all, &net_families[i], true);
	}
}
