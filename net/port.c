/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces that containers get in networks: bridge.h. */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include "net/bridge.h"
#include "net/vlan.h"

static void put_peer(struct nl_msg *m, const struct net_network *n, const struct net_port *p)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	size_t peer = nl_nest(m, VETH_INFO_PEER);

	nl_append(m, &head, sizeof(head));
	nl_put_str(m, IFLA_IFNAME, p->name);
	nl_put(m, IFLA_ADDRESS, p->mac, NET_MAC);
	if (n->mtu)
		nl_put_u32(m, IFLA_MTU, *n->mtu);
	nl_put_u32(m, IFLA_NET_NS_FD, (uint32_t)p->netns);
	nl_end(m, peer);
}

static void put_pair(struct nl_msg *m, const struct net_network *n, const struct net_link *bridge, const struct net_port *p)
{
	struct ifinfomsg up = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	size_t info, data;

	nl_begin(m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &up, sizeof(up));
	nl_put_str(m, IFLA_IFNAME, p->host_name);
	nl_put_u32(m, IFLA_MASTER, (uint32_t)bridge->index);
	if (n->mtu)
		nl_put_u32(m, IFLA_MTU, *n->mtu);
	info = nl_nest(m, IFLA_LINKINFO);
	nl_put_str(m, IFLA_INFO_KIND, "veth");
	data = nl_nest(m, IFLA_INFO_DATA);
	put_peer(m, n, p);
	nl_end(m, data);
	nl_end(m, info);
}

static void put_shared(struct nl_msg *m, const struct net_network *n, const struct net_link *parent, const struct net_port *p)
{
	bool mac = n->kind == NET_MACVLAN;
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	size_t info, data;

	nl_begin(m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	nl_put_str(m, IFLA_IFNAME, p->name);
	nl_put_u32(m, IFLA_LINK, (uint32_t)parent->index);
	nl_put_u32(m, IFLA_NET_NS_FD, (uint32_t)p->netns);
	if (n->mtu)
		nl_put_u32(m, IFLA_MTU, *n->mtu);
	if (mac)
		nl_put(m, IFLA_ADDRESS, p->mac, NET_MAC); /* an ipvlan has its parent's */
	info = nl_nest(m, IFLA_LINKINFO);
	nl_put_str(m, IFLA_INFO_KIND, mac ? "macvlan" : "ipvlan");
	data = nl_nest(m, IFLA_INFO_DATA);
	if (mac)
		nl_put_u32(m, IFLA_MACVLAN_MODE, n->link_mode);
	else
		nl_put_u16(m, IFLA_IPVLAN_MODE, (uint16_t)n->link_mode);
	nl_end(m, data);
	nl_end(m, info);
}

int net_port_make(struct nl *host, const struct net_network *n, const struct net_link *on, const struct net_port *p, struct err *e)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	int r;

	if (n->kind == NET_BRIDGE)
		put_pair(&m, n, on, p);
	else
		put_shared(&m, n, on, p);
	r = nl_talk(host, &m, NULL, NULL);
	/* The other bridges of kist's give their VLAN to every port. */
	if (!r && n->foreign && n->vlan)
		r = net_vlan_set(host, p->host_name, (uint16_t)*n->vlan);
	return r ? nl_fail(host, r, e, "make the interface %s of the network %s", p->name, n->name) : 0;
}
