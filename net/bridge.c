/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/bridge.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "net/lease.h"
#include "net/vlan.h"

/* A locally administered address that stays the same whatever is plugged into the bridge. */
static void bridge_mac(const struct net_network *n, unsigned char mac[NET_MAC])
{
	uint64_t h = net_hash(n->name, "bridge");

	mac[0] = 0x02;
	memcpy(mac + 1, &h, NET_MAC - 1);
}

static void put_bridge(struct nl_msg *m, const struct net_network *n)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	unsigned char mac[NET_MAC];
	size_t info, data;

	bridge_mac(n, mac);
	nl_begin(m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	nl_put_str(m, IFLA_IFNAME, n->interface);
	nl_put(m, IFLA_ADDRESS, mac, sizeof(mac));
	if (n->mtu)
		nl_put_u32(m, IFLA_MTU, *n->mtu);
	info = nl_nest(m, IFLA_LINKINFO);
	nl_put_str(m, IFLA_INFO_KIND, "bridge");
	data = nl_nest(m, IFLA_INFO_DATA);
	nl_put_u32(m, IFLA_BR_FORWARD_DELAY, 0); /* a port forwards at once */
	if (n->vlan) {
		nl_put_u8(m, IFLA_BR_VLAN_FILTERING, 1);
		nl_put_u16(m, IFLA_BR_VLAN_DEFAULT_PVID, (uint16_t)*n->vlan); /* of the host's side, and of every port */
	}
	nl_end(m, data);
	nl_end(m, info);
}

static int add_gateway(struct nl *host, int index, const struct net_range *r)
{
	struct net_cidr gateway = { r->gateway, r->subnet.prefix };
	struct net_addr a = net_addr_of(&gateway);
	int rc = r->gateway.family ? net_addr_add(host, index, &a) : 0;

	return rc == -EEXIST ? 0 : rc;
}

/* While it is down.  A container must not tell the host its way (CVE-2020-10749, -2020-13401); nobody else can have the
 * bridge's addresses, and looking for that would cost its neighbours the first second.  Whoever has switched IPv6 off for new interfaces
 * has asked for this network all the same. */
static int set_knobs(const struct net_network *n)
{
	static const char *const knobs[][2] = {
		{ "ipv6", "disable_ipv6" }, /* first: it is left alone where there is no such subnet */
		{ "ipv6", "accept_ra" },
		{ "ipv6", "accept_dad" },
		{ "ipv6", "accept_redirects" },
		{ "ipv4", "accept_redirects" },
	};

	for (size_t i = n->v6.subnet.ip.family ? 0 : 1; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		auto_arena a = { 0 };
		int r = file_poke(AT_FDCWD, arena_printf(&a, "/proc/sys/net/%s/conf/%s/%s", knobs[i][0], n->interface, knobs[i][1]), "0");

		if (r < 0 && r != -ENOENT) /* a kernel without IPv6 */
			return r;
	}
	return 0;
}

/* Up comes last: a bridge that is down is one whose making was interrupted. */
static int finish_bridge(struct nl *host, const struct net_network *n, const struct net_link *link)
{
	int r = set_knobs(n);

	if (!r)
		r = add_gateway(host, link->index, &n->v4);
	if (!r)
		r = add_gateway(host, link->index, &n->v6);
	return r ? r : net_link_up(host, link->index);
}

int net_bridge_make(struct nl *host, const struct net_network *n, bool there, struct net_link *link, struct err *e)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	int r = 0;

	if (!there) {
		put_bridge(&m, n);
		r = nl_talk(host, &m, NULL, NULL);
		if (!r)
			r = net_link_find(host, n->interface, link);
	}
	if (!r)
		r = finish_bridge(host, n, link);
	return r ? nl_fail(host, r, e, "make the bridge %s%s of the network %s", n->interface,
			   n->vlan ? " that keeps VLANs apart (CONFIG_BRIDGE_VLAN_FILTERING)" : "", n->name) : 1;
}

int net_bridge_ensure(struct nl *host, const struct net_network *n, struct net_link *link, struct err *e)
{
	int r = net_link_find(host, n->interface, link);

	if (r == -ENODEV && n->kind == NET_BRIDGE && !n->foreign)
		return net_bridge_make(host, n, false, link, e);
	if (r == -ENODEV)
		return err_set(e, ENODEV, "the host has no interface \"%s\", which the network %s is on", n->interface, n->name);
	if (r)
		return nl_fail(host, r, e, "look at the interface %s of the network %s", n->interface, n->name);
	if (n->kind == NET_BRIDGE && strcmp(link->kind, "bridge") != 0)
		return err_set(e, EINVAL, "the network %s wants %s to be a bridge, but it is another kind of interface", n->name, n->interface);
	if (n->kind == NET_BRIDGE && n->vlan && !link->filters)
		return err_set(e, EINVAL, "the network %s is VLAN %u of the bridge %s, which does not keep VLANs apart: ip link set %s type bridge "
			       "vlan_filtering 1", n->name, *n->vlan, n->interface, n->interface);
	if (net_is_own(n) && !(link->flags & IFF_UP))
		return net_bridge_make(host, n, true, link, e);
	return n->kind != NET_BRIDGE && n->vlan ? net_vlan_ensure(host, n, link, e) : 0;
}

static void put_address(struct nl_msg *m, int index, const struct net_cidr *c)
{
	struct net_addr a = net_addr_of(c);

	if (c->ip.family)
		net_addr_put(m, index, &a);
}

static void put_default_route(struct nl_msg *m, int index, const struct net_ip *gateway, unsigned how)
{
	bool by = !net_ip_is_none(gateway); /* else what is outside is at the interface itself */
	struct rtmsg head = { .rtm_family = (uint8_t)gateway->family, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
			      .rtm_scope = by ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK, .rtm_type = RTN_UNICAST };

	if (!gateway->family)
		return;
	nl_begin(m, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | how, &head, sizeof(head));
	if (by)
		nl_put(m, RTA_GATEWAY, gateway->at, net_ip_size(gateway->family));
	nl_put_u32(m, RTA_OIF, (uint32_t)index);
}

/* The last run of the same container had the same MAC, and its macvlan may still be on its way out of the kernel. */
static int bring_up(struct nl *inside, int index)
{
	const struct timespec a_while = { .tv_nsec = 10000000 };
	int r, tries = 200;

	while ((r = net_link_up(inside, index)) == -EADDRINUSE && --tries)
		(void)nanosleep(&a_while, NULL);
	return r;
}

int net_inside_set(struct nl *inside, const struct net_inside *w, struct err *e)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct net_link l;
	int r = net_link_find(inside, w->name, &l);

	if (!r && !strcmp(l.kind, "macvlan"))
		r = bring_up(inside, l.index);
	if (!r) {
		net_link_put_up(&m, l.index);
		put_address(&m, l.index, &w->address);
		put_address(&m, l.index, &w->address6);
		for (size_t i = 0; i < w->kept.len; i++)
			put_address(&m, l.index, &w->kept.at[i]);
		put_default_route(&m, l.index, &w->gateway, NLM_F_EXCL);
		put_default_route(&m, l.index, &w->gateway6, NLM_F_EXCL);
		r = nl_talk(inside, &m, NULL, NULL);
	}
	return r ? nl_fail(inside, r, e, "set up the interface %s in the container", w->name) : 0;
}

int net_inside_route(struct nl *inside, const struct net_inside *w, bool instead, struct err *e)
{
	const struct net_ip *gateways[] = { &w->gateway, &w->gateway6 };
	auto_arena a = { 0 };
	struct net_link l;
	int r = net_link_find(inside, w->name, &l);

	for (size_t i = 0; i < 2 && !r; i++) {
		struct nl_msg m = { .bytes.arena = &a };

		if (!gateways[i]->family)
			continue;
		put_default_route(&m, l.index, gateways[i], instead ? NLM_F_REPLACE : NLM_F_EXCL);
		r = nl_talk(inside, &m, NULL, NULL);
		r = r == -EEXIST ? 0 : r;
	}
	return r ? nl_fail(inside, r, e, "set the default route of the interface %s in the container", w->name) : 0;
}
