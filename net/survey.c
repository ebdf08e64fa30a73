/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/survey.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "net/nl.h"

enum { HALVES = 1 }; /* the default route in two halves, as VPNs make it lest they change the one that there is */

struct survey {
	struct arena *a;
	net_cidrs found;
	size_t own;
};

static void add(struct survey *s, const struct net_cidr *c)
{
	s->found.at = arena_grow(s->a, s->found.at, s->found.len, sizeof(*c));
	s->found.at[s->found.len++] = *c;
}

static void add_attr(struct survey *s, int family, unsigned prefix, struct nl_span value)
{
	struct net_cidr c = { { .family = family }, prefix };

	if ((family == AF_INET || family == AF_INET6) && prefix > HALVES && nl_get(value, c.ip.at, net_ip_size(family)))
		add(s, &c);
}

/* A default route leads everywhere and is in nobody's way: it has no destination. */
static int take_route(void *data, unsigned type, struct nl_span body)
{
	struct nl_span by[RTA_DST + 1];
	struct rtmsg head;

	if (type != RTM_NEWROUTE || body.len < sizeof(head))
		return -EPROTO;
	memcpy(&head, body.at, sizeof(head));
	nl_index(nl_after(body, sizeof(head)), by, RTA_DST + 1);
	add_attr(data, head.rtm_family, head.rtm_dst_len, by[RTA_DST]);
	return 0;
}

static int take_addr(void *data, unsigned type, struct nl_span body)
{
	struct nl_span by[IFA_ADDRESS + 1];
	struct ifaddrmsg head;

	if (type != RTM_NEWADDR || body.len < sizeof(head))
		return -EPROTO;
	memcpy(&head, body.at, sizeof(head));
	nl_index(nl_after(body, sizeof(head)), by, IFA_ADDRESS + 1);
	add_attr(data, head.ifa_family, head.ifa_prefixlen, by[IFA_ADDRESS]);
	return 0;
}

static int list(struct nl *n, unsigned type, const void *head, size_t len, nl_each *each, struct survey *s)
{
	struct nl_msg m = { .bytes.arena = s->a };

	nl_begin(&m, type, NLM_F_DUMP, head, len);
	return nl_list(n, &m, each, s, &s->found.len);
}

static int survey_host(struct survey *s, struct err *e)
{
	struct rtmsg routes = { .rtm_family = AF_UNSPEC };
	struct ifaddrmsg addrs = { .ifa_family = AF_UNSPEC };
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &n, e);

	if (r)
		return r;
	r = list(&n, RTM_GETADDR, &addrs, sizeof(addrs), take_addr, s);
	s->own = s->found.len;
	if (!r)
		r = list(&n, RTM_GETROUTE, &routes, sizeof(routes), take_route, s);
	return r ? nl_fail(&n, r, e, "read the routes and addresses of the host") : 0;
}

int net_survey(struct arena *a, int data, struct net_known *out, struct err *e)
{
	struct survey s = { .a = a };
	net_networks all;
	int r = net_network_list(a, data, &all, e);

	for (size_t i = 0; !r && i < all.len; i++) {
		if (all.at[i].v4.subnet.ip.family)
			add(&s, &all.at[i].v4.subnet);
		if (all.at[i].v6.subnet.ip.family)
			add(&s, &all.at[i].v6.subnet);
	}
	if (!r)
		r = survey_host(&s, e);
	*out = (struct net_known){ s.found, s.own };
	return r;
}
