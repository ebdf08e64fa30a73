/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces that containers get in networks: bridge.h. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <time.h>

#include "net/bridge.h"
#include "net/phys.h"
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

	if (n->kind == NET_PHYS)
		return net_phys_give(host, n, on, p, e);
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

/* Forgetting what is known to be behind it, too: a MAC that is elsewhere now would not be found. */
static void disable(struct nl *host, const char *name)
{
	struct ifinfomsg head = { .ifi_family = AF_BRIDGE };
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct net_link l;
	size_t port;

	if (net_link_find(host, name, &l))
		return;
	head.ifi_index = l.index;
	nl_begin(&m, RTM_SETLINK, NLM_F_ACK, &head, sizeof(head));
	port = nl_nest(&m, IFLA_PROTINFO);
	nl_put_u8(&m, IFLA_BRPORT_STATE, BR_STATE_DISABLED);
	nl_put(&m, IFLA_BRPORT_FLUSH, "", 0);
	nl_end(&m, port);
	(void)nl_talk(host, &m, NULL, NULL);
}

void net_port_cut(const strings *host_names)
{
	auto_nl host = NL_NONE;

	if (!host_names->len || nl_open(NETLINK_ROUTE, -1, &host, NULL) < 0)
		return;
	for (size_t i = 0; i < host_names->len; i++)
		disable(&host, host_names->at[i]);
}

void net_port_await(struct nl *host, const struct net_port *p)
{
	const struct timespec a_while = { .tv_nsec = 1000000 };
	struct net_link l;

	for (int tries = 100; tries && p->host_name && net_link_find(host, p->host_name, &l) == 0 && !l.forwards; tries--)
		(void)nanosleep(&a_while, NULL);
}

struct search {
	struct arena *a;
	const struct net_port *port;
	int parent; /* as the host counts */
	LIST_OF(int) found;
	bool named; /* the one that was found has the name that it was given */
};

static int take_shared(void *data, unsigned type, struct nl_span body)
{
	struct search *s = data;
	struct nl_span by[IFLA_LINK_NETNSID + 1];
	struct ifinfomsg head;
	const char *name;

	if (type != RTM_NEWLINK || body.len < sizeof(head))
		return -EPROTO;
	memcpy(&head, body.at, sizeof(head));
	nl_index(nl_after(body, sizeof(head)), by, IFLA_LINK_NETNSID + 1);
	name = nl_str(by[IFLA_IFNAME]);
	/* On an interface of another namespace: what the container has made itself is on one of its own. */
	if (s->named || !by[IFLA_LINK_NETNSID].at || (int)nl_u32(by[IFLA_LINK]) != s->parent)
		return 0;
	if (name && !strcmp(name, s->port->name)) {
		s->named = true;
		s->found.len = 0;
	}
	s->found.at = arena_grow(s->a, s->found.at, s->found.len, sizeof(*s->found.at));
	s->found.at[s->found.len++] = head.ifi_index;
	return 0;
}

/* Names and MACs are the container's to change; what an interface hangs on is not. */
static int remove_shared(struct nl *host, struct nl *inside, const struct net_network *n, const struct net_port *p)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct search s = { .a = &a, .port = p };
	struct net_link parent;
	size_t info;
	int r = net_link_find(host, n->on, &parent);

	if (r)
		return r;
	s.parent = parent.index;
	nl_begin(&m, RTM_GETLINK, NLM_F_DUMP, &head, sizeof(head));
	nl_put_u32(&m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	info = nl_nest(&m, IFLA_LINKINFO);
	nl_put_str(&m, IFLA_INFO_KIND, n->kind == NET_MACVLAN ? "macvlan" : "ipvlan");
	nl_end(&m, info);
	r = nl_talk(inside, &m, take_shared, &s);
	for (size_t i = 0; i < s.found.len && !r; i++)
		r = net_link_delete(inside, s.found.at[i]);
	return r;
}

/* With the one end of a pair goes the other. */
static int remove_pair(struct nl *host, const struct net_port *p)
{
	struct net_link l;
	int r = net_link_find(host, p->host_name, &l);

	return r ? r : net_link_delete(host, l.index);
}

int net_port_remove(struct nl *host, struct nl *inside, const struct net_network *n, const struct net_port *p, struct err *e)
{
	int r = p->taken ? net_phys_take_back(host, inside, p->taken) : p->host_name ? remove_pair(host, p) : remove_shared(host, inside, n, p);

	return r && r != -ENODEV ? nl_fail(p->host_name ? host : inside, r, e, "remove the interface %s of the container", p->name) : 0;
}
