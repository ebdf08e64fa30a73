/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/loopback.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "base/fd.h"
#include "net/link.h"
#include "net/rules.h"
#include "net/tc.h"

enum { PRIORITY = 5210, LOOPBACK = 127, SOURCE = 12, DESTINATION = 16, VLAN_ID = 0xfff };

/*
 * The offsets are those of the IPv4 header that the kernel itself will read.  The outermost tag is in no frame any more; behind one of
 * VLAN 0 the kernel takes off the next one, too, but later: nobody has seen then what it carries.
 */
static const struct sock_filter program[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 5, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021AD, 0, 9),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG)),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, VLAN_ID),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 7, 6),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_NET_OFF + SOURCE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LOOPBACK, 5, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_NET_OFF + DESTINATION)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LOOPBACK, 0, 2),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK)),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NET_MARK, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, (uint32_t)TC_ACT_UNSPEC),
	BPF_STMT(BPF_RET | BPF_K, TC_ACT_SHOT),
};

static int put_filter(struct arena *a, struct nl *n, int index)
{
	const struct net_filter f = { .priority = PRIORITY, .program = program, .len = sizeof(program) / sizeof(program[0]) };
	struct nl_msg hook = { .bytes.arena = a }, filter = { .bytes.arena = a };
	int r;

	net_tc_put_hook(&hook, index);
	r = nl_talk(n, &hook, NULL, NULL);
	if (r && r != -EEXIST)
		return r;
	net_tc_put_filter(&filter, index, &f);
	return nl_talk(n, &filter, NULL, NULL);
}

static int open_bridge(struct arena *a, struct nl *n, const char *bridge)
{
	struct net_link link;
	int r = net_link_find(n, bridge, &link);

	if (r)
		return r == -ENODEV ? 0 : r;
	r = put_filter(a, n, link.index);
	return r ? r : file_poke(AT_FDCWD, arena_printf(a, "/proc/sys/net/ipv4/conf/%s/route_localnet", bridge), "1");
}

bool net_loopback_open(struct arena *a, const net_networks *all)
{
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &n, NULL);

	for (size_t i = 0; i < all->len && r >= 0; i++)
		if (net_is_own(&all->at[i]) && !all->at[i].internal)
			r = open_bridge(a, &n, all->at[i].interface);
	return r >= 0;
}
