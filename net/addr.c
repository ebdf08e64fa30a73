/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of interfaces. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "net/link.h"

struct listing {
	struct arena *arena;
	int index;
	net_addrs found;
};

/* IFA_LOCAL is the own address and IFA_ADDRESS the other end's; IPv6 has only the latter unless there is another end. */
static bool read_addr(struct nl_span attrs, struct net_addr *out)
{
	struct nl_span by[IFA_FLAGS + 1];
	size_t size = net_ip_size(out->family);
	bool has_peer;

	nl_index(attrs, by, IFA_FLAGS + 1);
	has_peer = nl_get(by[IFA_ADDRESS], out->peer, size);
	if (!nl_get(by[IFA_LOCAL], out->local, size)) {
		if (!has_peer)
			return false;
		memcpy(out->local, out->peer, size);
	} else if (!has_peer) {
		memcpy(out->peer, out->local, size);
	}
	out->has_broadcast = nl_get(by[IFA_BROADCAST], out->broadcast, size);
	if (by[IFA_FLAGS].at)
		out->flags = nl_u32(by[IFA_FLAGS]);
	return true;
}

static int take_addr(void *data, unsigned type, struct nl_span body)
{
	struct listing *l = data;
	struct ifaddrmsg head;
	struct net_addr addr;

	if (type != RTM_NEWADDR || body.len < sizeof(head))
		return -EPROTO;
	memcpy(&head, body.at, sizeof(head));
	addr = (struct net_addr){ .family = head.ifa_family, .prefix = head.ifa_prefixlen, .flags = head.ifa_flags };
	if ((int)head.ifa_index != l->index || head.ifa_scope != RT_SCOPE_UNIVERSE ||
	    (addr.family != AF_INET && addr.family != AF_INET6))
		return 0;
	if (!read_addr(nl_after(body, sizeof(head)), &addr))
		return -EPROTO;
	if (!(addr.flags & IFA_F_PERMANENT))
		return 0;
	l->found.at = arena_grow(l->arena, l->found.at, l->found.len, sizeof(addr));
	l->found.at[l->found.len++] = addr;
	return 0;
}

int net_addr_list(struct arena *a, struct nl *n, int index, net_addrs *out)
{
	struct ifaddrmsg head = { .ifa_family = AF_UNSPEC };
	struct nl_msg m = { .bytes.arena = a };
	struct listing l = { .arena = a, .index = index };
	int r;

	nl_begin(&m, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	r = nl_list(n, &m, take_addr, &l, &l.found.len);
	if (!r)
		*out = l.found;
	return r;
}

struct net_addr net_addr_of(const struct net_cidr *c)
{
	struct net_addr a = { .family = c->ip.family, .prefix = c->prefix, .flags = c->ip.family == AF_INET6 ? IFA_F_NODAD : 0 };

	memcpy(a.local, c->ip.at, sizeof(a.local));
	memcpy(a.peer, c->ip.at, sizeof(a.peer));
	if (c->ip.family == AF_INET && c->prefix < 31) {
		struct net_ip last = net_cidr_nth(c, net_cidr_count(c) - 1);

		memcpy(a.broadcast, last.at, 4);
		a.has_broadcast = true;
	}
	return a;
}

void net_addr_put(struct nl_msg *m, int index, const struct net_addr *addr)
{
	struct ifaddrmsg head = { .ifa_family = (uint8_t)addr->family, .ifa_prefixlen = (uint8_t)addr->prefix,
				  .ifa_scope = RT_SCOPE_UNIVERSE, .ifa_index = (uint32_t)index };
	size_t size = net_ip_size(addr->family);

	nl_begin(m, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	nl_put(m, IFA_LOCAL, addr->local, size);
	nl_put(m, IFA_ADDRESS, addr->peer, size);
	if (addr->has_broadcast)
		nl_put(m, IFA_BROADCAST, addr->broadcast, size);
	nl_put_u32(m, IFA_FLAGS, addr->flags);
}

int net_addr_add(struct nl *n, int index, const struct net_addr *addr)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };

	net_addr_put(&m, index, addr);
	return nl_talk(n, &m, NULL, NULL);
}
