/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static void copy_word(char *out, size_t size, const char *s)
{
	snprintf(out, size, "%s", s ? s : "");
}

static bool filters_vlans(struct nl_span data)
{
	struct nl_span by[IFLA_BR_VLAN_FILTERING + 1];
	uint8_t on;

	nl_index(data, by, IFLA_BR_VLAN_FILTERING + 1);
	return nl_get(by[IFLA_BR_VLAN_FILTERING], &on, sizeof(on)) && on;
}

static bool port_forwards(struct nl_span data)
{
	struct nl_span by[IFLA_BRPORT_STATE + 1];
	uint8_t state;

	nl_index(data, by, IFLA_BRPORT_STATE + 1);
	return nl_get(by[IFLA_BRPORT_STATE], &state, sizeof(state)) && state == BR_STATE_FORWARDING;
}

static int take_link(void *data, unsigned type, struct nl_span body)
{
	struct net_link *l = data;
	struct nl_span by[IFLA_PERM_ADDRESS + 1], info[IFLA_INFO_SLAVE_DATA + 1];
	struct ifinfomsg head;

	if (type != RTM_NEWLINK || body.len < sizeof(head))
		return -EPROTO;
	memcpy(&head, body.at, sizeof(head));
	nl_index(nl_after(body, sizeof(head)), by, IFLA_PERM_ADDRESS + 1);
	nl_index(by[IFLA_LINKINFO], info, IFLA_INFO_SLAVE_DATA + 1);
	*l = (struct net_link){ .index = head.ifi_index, .flags = head.ifi_flags, .mtu = nl_u32(by[IFLA_MTU]),
				.master = (int)nl_u32(by[IFLA_MASTER]) };
	copy_word(l->kind, sizeof(l->kind), nl_str(info[IFLA_INFO_KIND]));
	copy_word(l->alias, sizeof(l->alias), nl_str(by[IFLA_IFALIAS]));
	l->filters = !strcmp(l->kind, "bridge") && filters_vlans(info[IFLA_INFO_DATA]);
	l->forwards = port_forwards(info[IFLA_INFO_SLAVE_DATA]);
	copy_word(l->name, sizeof(l->name), nl_str(by[IFLA_IFNAME]));
	(void)nl_get(by[IFLA_ADDRESS], l->mac, sizeof(l->mac));
	if (!nl_get(by[IFLA_PERM_ADDRESS], l->hardware, sizeof(l->hardware)))
		memcpy(l->hardware, l->mac, sizeof(l->hardware));
	return 0;
}

int net_link_find(struct nl *n, const char *name, struct net_link *out)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct net_link l = { 0 };
	int r;

	nl_begin(&m, RTM_GETLINK, NLM_F_ACK, &head, sizeof(head));
	nl_put_str(&m, IFLA_IFNAME, name);
	nl_put_u32(&m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	r = nl_talk(n, &m, take_link, &l);
	if (r < 0)
		return r;
	*out = l;
	return l.index > 0 ? 0 : -EPROTO;
}

struct listing {
	struct arena *a;
	net_links found;
};

static int take_each(void *data, unsigned type, struct nl_span body)
{
	struct listing *t = data;
	struct net_link l;
	int r = take_link(&l, type, body);

	if (r)
		return r;
	t->found.at = arena_grow(t->a, t->found.at, t->found.len, sizeof(l));
	t->found.at[t->found.len++] = l;
	return 0;
}

int net_link_list(struct arena *a, struct nl *n, net_links *out)
{
	struct nl_msg m = { .bytes.arena = a };
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct listing t = { .a = a };
	int r;

	nl_begin(&m, RTM_GETLINK, NLM_F_DUMP, &head, sizeof(head));
	nl_put_u32(&m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	r = nl_list(n, &m, take_each, &t, &t.found.len);
	*out = t.found;
	return r;
}

int net_link_by_hardware(struct nl *n, const unsigned char mac[NET_MAC], struct net_link *out)
{
	auto_arena a = { 0 };
	net_links all;
	int r = net_link_list(&a, n, &all);

	for (size_t i = 0; i < all.len && !r; i++) {
		const struct net_link *l = &all.at[i];

		if (!*l->kind && !(l->flags & IFF_LOOPBACK) && !memcmp(l->hardware, mac, NET_MAC)) {
			*out = *l;
			return 0;
		}
	}
	return r ? r : -ENODEV;
}

static int change(struct nl *n, int index, unsigned attr, const void *value, size_t len)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };

	nl_begin(&m, RTM_NEWLINK, NLM_F_ACK, &head, sizeof(head));
	nl_put(&m, attr, value, len);
	return nl_talk(n, &m, NULL, NULL);
}

int net_link_rename(struct nl *n, int index, const char *name)
{
	return change(n, index, IFLA_IFNAME, name, strlen(name) + 1);
}

int net_link_set_mac(struct nl *n, int index, const unsigned char mac[NET_MAC])
{
	return change(n, index, IFLA_ADDRESS, mac, NET_MAC);
}

int net_link_set_alias(struct nl *n, int index, const char *text)
{
	return change(n, index, IFLA_IFALIAS, text, strlen(text));
}

int net_link_set_master(struct nl *n, int index, int bridge)
{
	return change(n, index, IFLA_MASTER, &bridge, sizeof(bridge));
}

int net_link_move(struct nl *n, int index, int netns, const char *name)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };

	nl_begin(&m, RTM_NEWLINK, NLM_F_ACK, &head, sizeof(head));
	nl_put_u32(&m, IFLA_NET_NS_FD, (uint32_t)netns);
	nl_put_str(&m, IFLA_IFNAME, name);
	return nl_talk(n, &m, NULL, NULL);
}

int net_link_delete(struct nl *n, int index)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };

	nl_begin(&m, RTM_DELLINK, NLM_F_ACK, &head, sizeof(head));
	return nl_talk(n, &m, NULL, NULL);
}

void net_link_put_up(struct nl_msg *m, int index)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };

	nl_begin(m, RTM_NEWLINK, NLM_F_ACK, &head, sizeof(head));
}

int net_link_up(struct nl *n, int index)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };

	net_link_put_up(&m, index);
	return nl_talk(n, &m, NULL, NULL);
}
