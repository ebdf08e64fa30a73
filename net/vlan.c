/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/vlan.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#define MARK "made by kist" /* on the interfaces that are, and so may be removed */

static void put_part(struct nl_msg *m, const struct net_network *n, int parent)
{
	struct ifinfomsg up = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	size_t info, data;

	nl_begin(m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &up, sizeof(up));
	nl_put_str(m, IFLA_IFNAME, n->on);
	nl_put_u32(m, IFLA_LINK, (uint32_t)parent);
	info = nl_nest(m, IFLA_LINKINFO);
	nl_put_str(m, IFLA_INFO_KIND, "vlan");
	data = nl_nest(m, IFLA_INFO_DATA);
	nl_put_u16(m, IFLA_VLAN_ID, (uint16_t)*n->vlan);
	nl_end(m, data);
	nl_end(m, info);
	/* The kernel takes an alias only of what exists. */
	up.ifi_flags = up.ifi_change = 0;
	nl_begin(m, RTM_SETLINK, NLM_F_ACK, &up, sizeof(up));
	nl_put_str(m, IFLA_IFNAME, n->on);
	nl_put(m, IFLA_IFALIAS, MARK, strlen(MARK));
}

int net_vlan_ensure(struct nl *host, const struct net_network *n, struct net_link *link, struct err *e)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct net_link part;
	int r = net_link_find(host, n->on, &part);

	if (r == -ENODEV) {
		put_part(&m, n, link->index);
		r = nl_talk(host, &m, NULL, NULL);
		if (!r)
			r = net_link_find(host, n->on, &part);
	}
	if (r)
		return nl_fail(host, r, e, "make the interface %s for VLAN %u of %s, which the network %s is", n->on, *n->vlan, n->interface, n->name);
	if (strcmp(part.kind, "vlan") != 0)
		return err_set(e, EINVAL, "the network %s wants %s to be VLAN %u of %s, but it is another kind of interface", n->name, n->on, *n->vlan,
			       n->interface);
	*link = part;
	return 0;
}

int net_vlan_remove(struct nl *host, const struct net_network *n, struct err *e)
{
	struct net_link part;
	int r = net_link_find(host, n->on, &part);

	if (!r && !strcmp(part.kind, "vlan") && !strcmp(part.alias, MARK))
		r = net_link_delete(host, part.index);
	return r && r != -ENODEV ? nl_fail(host, r, e, "remove the interface %s", n->on) : 0;
}

static void put_membership(struct nl_msg *m, unsigned type, int port, const struct bridge_vlan_info *infos, size_t n)
{
	struct ifinfomsg head = { .ifi_family = AF_BRIDGE, .ifi_index = port };
	size_t nest;

	nl_begin(m, type, NLM_F_ACK, &head, sizeof(head));
	nest = nl_nest(m, IFLA_AF_SPEC);
	for (size_t i = 0; i < n; i++)
		nl_put(m, IFLA_BRIDGE_VLAN_INFO, &infos[i], sizeof(infos[i]));
	nl_end(m, nest);
}

/* A port is born into whatever VLAN the bridge gives to all; the far end is still down then. */
int net_vlan_set(struct nl *host, const char *port, uint16_t vlan)
{
	static const struct bridge_vlan_info all[] = { { BRIDGE_VLAN_INFO_RANGE_BEGIN, 1 }, { BRIDGE_VLAN_INFO_RANGE_END, 4094 } };
	struct bridge_vlan_info only = { BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED, vlan };
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct net_link link;
	int r = net_link_find(host, port, &link);

	if (r)
		return r;
	put_membership(&m, RTM_DELLINK, link.index, all, 2);
	put_membership(&m, RTM_SETLINK, link.index, &only, 1);
	return nl_talk(host, &m, NULL, NULL);
}
