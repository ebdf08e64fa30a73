/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/join.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fd.h"
#include "net/announce.h"
#include "net/manage.h"
#include "net/phys.h"

static int find_network(struct arena *a, int data, const char *name, struct net_network *out, struct err *e)
{
	struct err said = { 0 };
	int r = net_network_read(a, data, name, out, &said);

	if (r == -ENOENT && !strcmp(name, NET_DEFAULT)) {
		*out = (struct net_network){ .name = NET_DEFAULT, .interface = NET_DEFAULT, .kind = NET_BRIDGE };
		return net_define(a, data, out, e);
	}
	if (r && e)
		*e = said;
	return r;
}

/* Whoever shares an interface with the host must not have its address; the other machines there are for the administrator to know. */
static int know_host(struct arena *a, struct net_network *n, struct err *e)
{
	struct net_link l;
	net_addrs addrs = { NULL, 0 };
	auto_nl host = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &host, e);

	if (r)
		return r;
	r = net_link_find(&host, n->on, &l);
	if (!r)
		r = net_addr_list(a, &host, l.index, &addrs);
	if (r)
		return r == -ENODEV ? 0 : nl_fail(&host, r, e, "look at the addresses of the interface %s", n->on);
	for (size_t i = 0; i < addrs.len; i++) {
		struct net_range *range = addrs.at[i].family == AF_INET ? &n->v4 : &n->v6;
		struct net_ip ip = { .family = addrs.at[i].family };

		memcpy(ip.at, addrs.at[i].local, sizeof(ip.at));
		range->host.at = arena_grow(a, range->host.at, range->host.len, sizeof(ip));
		range->host.at[range->host.len++] = ip;
	}
	return 0;
}

static int take_address(struct arena *a, int data, const struct net_network *n, const struct net_range *range, const struct net_record *who,
			const struct net_cidr *wish, struct net_cidr *out, struct err *e)
{
	bool wished = wish->ip.family, whole = wish->prefix == 8 * net_ip_size(wish->ip.family);
	struct net_cidr got = { .prefix = range->subnet.prefix };
	int r;

	if (!range->subnet.ip.family)
		return wished ? err_set(e, EINVAL, "the network %s has no subnet for the address %s", n->name, net_ip_text(a, &wish->ip)) : 0;
	if (wished && !whole && wish->prefix != range->subnet.prefix)
		return err_set(e, EINVAL, "%s does not fit the network %s, whose subnet is %s", net_cidr_text(a, wish), n->name,
			       net_cidr_text(a, &range->subnet));
	r = net_lease_take(a, data, n, range, who, &wish->ip, &got.ip, e);
	if (r >= 0)
		*out = got;
	return r;
}

static int take_addresses(struct arena *a, int data, const struct net_wish *w, const struct net_record *who, struct net_join *j,
			  struct net_attachment *entry, struct err *e)
{
	const struct net_network *n = &j->network;
	struct {
		const struct net_range *range;
		const struct net_cidr *wish;
		struct net_cidr *got;
		const char **text;
	} both[] = { { &n->v4, &w->address, &j->inside.address, &entry->address },
		     { &n->v6, &w->address6, &j->inside.address6, &entry->address6 } };

	for (size_t i = 0; i < 2; i++) {
		int r = take_address(a, data, n, both[i].range, who, both[i].wish, both[i].got, e);

		if (r < 0)
			return r;
		j->inherited |= r > 0;
		if (both[i].got->ip.family)
			*both[i].text = net_cidr_text(a, both[i].got);
	}
	return 0;
}

/*
 * Stable for the same container of the same network on the same host.  On a bridge of kist's it is the (IPv4) address's, so that
 * whoever takes an address over is known to all who know the address.
 */
static void choose_mac(struct arena *a, const char *id, const struct net_wish *w, struct net_join *j)
{
	const struct net_ip *four = &j->inside.address.ip, *ip = four->family ? four : &j->inside.address6.ip;
	bool by_address = net_is_own(&j->network) && ip->family;
	uint64_t h = net_hash(j->network.name, by_address ? net_ip_text(a, ip) : id);

	j->port.mac[0] = 0x02; /* administered locally */
	memcpy(j->port.mac + 1, &h, NET_MAC - 1);
	if (w->mac)
		memcpy(j->port.mac, w->mac, NET_MAC);
	j->announce = w->mac || !by_address || (ip == four && w->address6.ip.family);
}

/* The pair of a container's last run may not be gone yet: the name is of this run alone. */
static const char *host_name(struct arena *a, const struct net_place *at, const char *network)
{
	const char *run = arena_printf(a, "%s/%d/%" PRIu64, at->id, (int)at->pid, at->start);

	return arena_printf(a, NET_PAIR "%012" PRIx64, net_hash(network, run) >> 16);
}

/* Without a subnet of the network it keeps its addresses. */
static int take_hardware(struct arena *a, const struct net_place *at, struct net_join *out, struct net_phys *p, struct err *e)
{
	const struct net_network *n = &out->network;
	int r = net_phys_look(a, at, n, p, e);

	if (r)
		return r;
	memcpy(out->port.mac, p->mac, NET_MAC);
	out->port.taken = p->taken;
	if (!n->subnet && !n->subnet6)
		out->inside.kept = p->addresses;
	return 0;
}

static int refuse_mac(const struct net_wish *w, const struct net_network *n, struct err *e)
{
	if (!w->mac || n->kind == NET_BRIDGE || n->kind == NET_MACVLAN)
		return 0;
	return err_set(e, EINVAL, "in the network %s a container has the MAC address of %s, the host's interface: none can be chosen", n->name, n->on);
}

int net_join_take(struct arena *a, const struct net_place *at, const struct net_wish *w, struct net_record *record, struct net_join *out,
		  struct err *e)
{
	struct net_network *n = &out->network;
	struct net_attachment *entry = &record->networks.at[record->networks.len];
	struct net_phys hardware = { .taken = NULL };
	int r = find_network(a, at->data, w->network, n, e);

	if (!r)
		r = refuse_mac(w, n, e);
	if (!r && !net_is_own(n) && n->kind != NET_PHYS)
		r = know_host(a, n, e);
	if (!r && n->kind == NET_PHYS)
		r = take_hardware(a, at, out, &hardware, e);
	if (r)
		return r;
	record->networks.len++;
	out->port.netns = at->netns;
	out->port.name = out->inside.name = w->interface;
	out->port.host_name = n->kind == NET_BRIDGE ? host_name(a, at, n->name) : NULL;
	*entry = (struct net_attachment){ .network = n->name, .interface = out->port.name, .host_interface = out->port.host_name,
					  .aliases = w->aliases, .taken = hardware.taken };
	r = net_limits_judge(record->bandwidth, &out->limits, e);
	if (!r && record->bandwidth)
		r = net_limits_fit(record, e);
	if (!r)
		r = take_addresses(a, at->data, w, record, out, entry, e);
	out->announce = true;
	if (!hardware.taken)
		choose_mac(a, at->id, w, out);
	entry->mac = n->kind == NET_IPVLAN ? NULL : net_mac_text(a, out->port.mac);
	return r;
}

void net_join_known(struct arena *a, int data, const struct net_attachment *had, struct net_join *out)
{
	*out = (struct net_join){ .inside.name = had->interface, .port = { .name = had->interface, .host_name = had->host_interface, .taken = had->taken } };
	if (net_network_read(a, data, had->network, &out->network, NULL))
		out->network = (struct net_network){ .name = had->network, .on = "", .internal = true };
	if (had->address)
		(void)net_cidr_parse(had->address, &out->inside.address);
	if (had->address6)
		(void)net_cidr_parse(had->address6, &out->inside.address6);
}

static int deafen(void *interface)
{
	auto_arena a = { 0 };
	int r = file_poke(AT_FDCWD, arena_printf(&a, "/proc/sys/net/ipv6/conf/%s/accept_ra", (const char *)interface), "0");

	return r == -ENOENT ? 0 : r; /* a kernel without IPv6 */
}

/*
 * The way out of a network of kist's own is known, so who says there that he is a router is a neighbour who lies (CVE-2020-13401).
 * Before the interface is up.  A start that has no IPv6 is spared the way into the container's namespace.
 */
static int distrust_routers(const struct net_join *j, struct err *e)
{
	int r = net_is_own(&j->network) && j->network.subnet6 ? nl_there(j->port.netns, deafen, (void *)j->port.name) : 0;

	return r < 0 ? err_num(e, r, "keep the interface %s of the container from router advertisements", j->port.name) : 0;
}

int net_join_make(struct nl *host, struct nl *inside, const struct net_join *j, struct err *e)
{
	struct net_link on;
	int fresh = net_bridge_ensure(host, &j->network, &on, e);
	int r = fresh < 0 ? fresh : net_port_make(host, &j->network, &on, &j->port, e);

	if (!r && (j->limits.in || j->limits.out))
		r = net_limits_set(host, j->port.host_name, &j->limits, e);
	if (!r)
		r = distrust_routers(j, e);
	if (!r)
		r = net_inside_set(inside, &j->inside, e);
	if (!r && j->announce && j->network.kind != NET_IPVLAN)
		net_announce(host, inside, &j->port);
	return r ? r : fresh || j->inherited;
}

bool net_joins_own(const net_joins *l)
{
	for (size_t i = 0; i < l->len; i++)
		if (net_is_own(&l->at[i].network))
			return true;
	return false;
}
