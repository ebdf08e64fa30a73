/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/conntrack.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>

#include "net/nl.h"
#include "net/published.h"

/* Which parts of a tuple a list is asked by (net/netfilter/nf_conntrack_netlink.c; not in the headers). */
enum { BY_SOURCE = 1 << 0 };

struct search {
	struct arena *a;
	struct nl *n;
	int family;
	const net_ips *gone;
	const struct net_record *ports; /* only flows that came to these, to be led elsewhere; NULL: all */
	LIST_OF(struct nl_span) found; /* the tuples by which they are deleted */
};

/* Its source, or the other end. */
static struct net_ip ip_of(struct nl_span tuple, int family, bool source)
{
	struct nl_span by[CTA_TUPLE_IP + 1], ip[CTA_IP_V6_DST + 1];
	struct net_ip out = { .family = family };
	bool four = family == AF_INET;

	nl_index(tuple, by, CTA_TUPLE_IP + 1);
	nl_index(by[CTA_TUPLE_IP], ip, CTA_IP_V6_DST + 1);
	(void)nl_get(ip[source ? (four ? CTA_IP_V4_SRC : CTA_IP_V6_SRC) : (four ? CTA_IP_V4_DST : CTA_IP_V6_DST)], out.at, net_ip_size(family));
	return out;
}

static bool is_port(const struct oci_kist_port *p, const struct net_ip *to, uint8_t protocol, uint16_t port)
{
	return p->protocol == protocol && port >= p->host && port <= net_published_last(p) && net_published_has(p, to);
}

static bool came_to_port(const struct search *s, struct nl_span there, struct nl_span back)
{
	struct net_ip to = ip_of(there, s->family, false), answers = ip_of(back, s->family, true);
	struct nl_span by[CTA_TUPLE_PROTO + 1], proto[CTA_PROTO_DST_PORT + 1];
	uint8_t protocol;
	uint16_t port;

	nl_index(there, by, CTA_TUPLE_PROTO + 1);
	nl_index(by[CTA_TUPLE_PROTO], proto, CTA_PROTO_DST_PORT + 1);
	if (net_ip_same(&to, &answers) || !nl_get(proto[CTA_PROTO_NUM], &protocol, sizeof(protocol)) ||
	    !nl_get(proto[CTA_PROTO_DST_PORT], &port, sizeof(port)))
		return false;
	for (size_t i = 0; i < s->ports->ports.len; i++)
		if (is_port(&s->ports->ports.at[i], &to, protocol, ntohs(port)))
			return true;
	return false;
}

static bool is_gone(const struct search *s, struct nl_span tuple)
{
	struct net_ip from = ip_of(tuple, s->family, true);

	for (size_t i = 0; i < s->gone->len; i++)
		if (net_ip_same(&s->gone->at[i], &from))
			return true;
	return false;
}

/* One that such an address began, or that it answers. */
static int take_flow(void *data, unsigned type, struct nl_span body)
{
	struct search *s = data;
	struct nl_span by[CTA_TUPLE_REPLY + 1], copy;

	(void)type;
	nl_index(nl_after(body, sizeof(struct nfgenmsg)), by, CTA_TUPLE_REPLY + 1);
	copy = by[CTA_TUPLE_ORIG];
	if (!copy.at || !(is_gone(s, copy) || is_gone(s, by[CTA_TUPLE_REPLY])))
		return 0;
	if (s->ports && !came_to_port(s, copy, by[CTA_TUPLE_REPLY]))
		return 0;
	copy.at = memcpy(arena_alloc(s->a, copy.len), copy.at, copy.len);
	s->found.at = arena_grow(s->a, s->found.at, s->found.len, sizeof(copy));
	s->found.at[s->found.len++] = copy;
	return 0;
}

static void begin(struct nl_msg *m, int type, unsigned flags, int family)
{
	struct nfgenmsg head = { .nfgen_family = (uint8_t)family, .version = NFNETLINK_V0 };

	nl_begin(m, NFNL_SUBSYS_CTNETLINK << 8 | (unsigned)type, flags, &head, sizeof(head));
}

static void forget_found(struct search *s)
{
	for (size_t i = 0; i < s->found.len; i++) {
		struct nl_msg m = { .bytes.arena = s->a };

		begin(&m, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, s->family);
		nl_put(&m, CTA_TUPLE_ORIG | NLA_F_NESTED, s->found.at[i].at, s->found.at[i].len);
		(void)nl_talk(s->n, &m, NULL, NULL);
	}
	s->found.len = 0;
	s->found.at = NULL;
}

/* The kernel sends only flows of one address: those that it began (CTA_TUPLE_ORIG), or that it answers (CTA_TUPLE_REPLY). */
static void put_filter(struct nl_msg *m, const struct net_ip *ip, unsigned direction)
{
	size_t tuple = nl_nest(m, direction), at = nl_nest(m, CTA_TUPLE_IP), filter;

	nl_put(m, ip->family == AF_INET ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, ip->at, net_ip_size(ip->family));
	nl_end(m, at);
	nl_end(m, tuple);
	filter = nl_nest(m, CTA_FILTER);
	nl_put_u32(m, CTA_FILTER_ORIG_FLAGS, direction == CTA_TUPLE_ORIG ? BY_SOURCE : 0);
	nl_put_u32(m, CTA_FILTER_REPLY_FLAGS, direction == CTA_TUPLE_REPLY ? BY_SOURCE : 0);
	nl_end(m, filter);
}

static void forget(struct search *s, const struct net_ip *only, unsigned direction)
{
	struct nl_msg m = { .bytes.arena = s->a };

	begin(&m, IPCTNL_MSG_CT_GET, NLM_F_DUMP, s->family);
	if (only)
		put_filter(&m, only, direction);
	if (nl_talk(s->n, &m, take_flow, s) == 0)
		forget_found(s);
}

void net_conntrack_forget(const net_ips *gone)
{
	auto_arena a = { 0 };
	auto_nl n = NL_NONE;
	struct search s = { .a = &a, .n = &n, .gone = gone };
	const struct net_ip *last[2] = { NULL, NULL };
	size_t count[2] = { 0, 0 };

	for (size_t i = 0; i < gone->len; i++) {
		last[gone->at[i].family != AF_INET] = &gone->at[i];
		count[gone->at[i].family != AF_INET]++;
	}
	if (!gone->len || nl_open(NETLINK_NETFILTER, -1, &n, NULL) < 0)
		return;
	for (size_t i = 0; i < 2; i++) {
		s.family = i ? AF_INET6 : AF_INET;
		if (count[i])
			forget(&s, count[i] == 1 ? last[i] : NULL, CTA_TUPLE_ORIG);
		if (count[i] == 1)
			forget(&s, last[i], CTA_TUPLE_REPLY);
	}
}

void net_conntrack_close(const struct net_record *r)
{
	const char *targets[] = { r->target, r->target6 };
	auto_arena a = { 0 };
	auto_nl n = NL_NONE;

	if (nl_open(NETLINK_NETFILTER, -1, &n, NULL) < 0)
		return;
	for (size_t i = 0; i < 2; i++) {
		struct net_ip ip;
		net_ips one = { &ip, 1 };
		struct search s = { .a = &a, .n = &n, .gone = &one, .ports = r };

		if (!targets[i] || !net_ip_parse(targets[i], &ip))
			continue;
		s.family = ip.family;
		forget(&s, &ip, CTA_TUPLE_REPLY);
	}
}
