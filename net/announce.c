/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/announce.h"

#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>

#include "base/fd.h"

static int allow_advertisement(void *interface)
{
	auto_arena a = { 0 };

	return file_poke(AT_FDCWD, arena_printf(&a, "/proc/sys/net/ipv6/conf/%s/ndisc_notify", (const char *)interface), "1");
}

static void put_arp_notify(struct nl_msg *m, int index)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	size_t spec, family, conf;

	nl_begin(m, RTM_NEWLINK, NLM_F_ACK, &head, sizeof(head));
	spec = nl_nest(m, IFLA_AF_SPEC);
	family = nl_nest(m, AF_INET);
	conf = nl_nest(m, IFLA_INET_CONF);
	nl_put_u32(m, IPV4_DEVCONF_ARP_NOTIFY, 1);
	nl_end(m, conf);
	nl_end(m, family);
	nl_end(m, spec);
}

static void put_mac(struct nl_msg *m, int index, const unsigned char mac[NET_MAC])
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };

	nl_begin(m, RTM_NEWLINK, NLM_F_ACK, &head, sizeof(head));
	nl_put(m, IFLA_ADDRESS, mac, NET_MAC);
}

void net_announce(struct nl *host, struct nl *inside, const struct net_port *p)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct net_link l;

	if (net_link_find(inside, p->name, &l))
		return;
	net_port_await(host, p);
	(void)nl_there(p->netns, allow_advertisement, (void *)p->name);
	put_arp_notify(&m, l.index);
	put_mac(&m, l.index, p->mac);
	(void)nl_talk(inside, &m, NULL, NULL);
}
