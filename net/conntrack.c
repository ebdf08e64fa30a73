/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/conntrack.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>

#include "base/fd.h"
#include "net/nl.h"

/* Which parts of a tuple a list is asked by (net/netfilter/nf_conntrack_netlink.c; not in the headers). */
enum { BY_SOURCE = 1 << 0, BY_PROTOCOL = 1 << 3 };

/* One direction of a flow. */
struct tuple {
	unsigned char from[16], to[16];
	uint8_t protocol;
	uint16_t port;
};

struct search {
	struct arena *a;
	struct nl *n;
	const struct net_record *ports; /* only flows to these, and only as they came; NULL: all */
	int family;
	LIST_OF(struct nl_span) found;	/* the tuples by which they are deleted */
};

static void read_tuple(struct nl_span s, int family, struct tuple *out)
{
	struct nl_span by[CTA_TUPLE_PROTO + 1], ip[CTA_IP_V6_DST + 1], proto[CTA_PROTO_DST_PORT + 1];
	bool four = family == AF_INET;

	nl_index(s, by, CTA_TUPLE_PROTO + 1);
	nl_index(by[CTA_TUPLE_IP], ip, CTA_IP_V6_DST + 1);
	nl_index(by[CTA_TUPLE_PROTO], proto, CTA_PROTO_DST_PORT + 1);
	memset(out, 0, sizeof(*out));
	(void)nl_get(ip[four ? CTA_IP_V4_SRC : CTA_IP_V6_SRC], out->from, net_ip_size(family));
	(void)nl_get(ip[four ? CTA_IP_V4_DST : CTA_IP_V6_DST], out->to, net_ip_size(family));
	(void)nl_get(proto[CTA_PROTO_NUM], &out->protocol, sizeof(out->protocol));
	(void)nl_get(proto[CTA_PROTO_DST_PORT], &out->port, sizeof(out->port));
	out->port = ntohs(out->port);
}

static bool leads_in(const struct net_record *r, const struct tuple *t)
{
	for (size_t i = 0; i < r->ports.len; i++) {
		const struct oci_kist_port *p = &r->ports.at[i];

		if (p->protocol == t->protocol && t->port >= p->host && t->port <= (p->end ? *p->end : p->host))
			return true;
	}
	return false;
}

/* A flow whose addresses nobody translates went to the host itself, or through it: it is found again, and then led right. */
static bool is_plain(const struct tuple *there, const struct tuple *back)
{
	return !memcmp(there->from, back->to, sizeof(there->from)) && !memcmp(there->to, back->from, sizeof(there->to));
}

static int take_flow(void *data, unsigned type, struct nl_span body)
{
	struct search *s = data;
	struct nl_span by[CTA_TUPLE_REPLY + 1], copy;
	struct tuple there, back;

	(void)type;
	nl_index(nl_after(body, sizeof(struct nfgenmsg)), by, CTA_TUPLE_REPLY + 1);
	read_tuple(by[CTA_TUPLE_ORIG], s->family, &there);
	read_tuple(by[CTA_TUPLE_REPLY], s->family, &back);
	if (!by[CTA_TUPLE_ORIG].at || (s->ports && !(leads_in(s->ports, &there) && is_plain(&there, &back))))
		return 0;
	copy = (struct nl_span){ memcpy(arena_alloc(s->a, by[CTA_TUPLE_ORIG].len), by[CTA_TUPLE_ORIG].at, by[CTA_TUPLE_ORIG].len),
				 by[CTA_TUPLE_ORIG].len };
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

static void put_filter(struct nl_msg *m, uint32_t there, uint32_t back)
{
	size_t filter = nl_nest(m, CTA_FILTER);

	nl_put_u32(m, CTA_FILTER_ORIG_FLAGS, there);
	nl_put_u32(m, CTA_FILTER_REPLY_FLAGS, back);
	nl_end(m, filter);
}

/* Flows that the address began (CTA_TUPLE_ORIG), or that it answers (CTA_TUPLE_REPLY). */
static void forget_address(struct search *s, const struct net_ip *ip, unsigned direction)
{
	struct nl_msg m = { .bytes.arena = s->a };
	size_t tuple, at;

	s->family = ip->family;
	begin(&m, IPCTNL_MSG_CT_GET, NLM_F_DUMP, ip->family);
	tuple = nl_nest(&m, direction);
	at = nl_nest(&m, CTA_TUPLE_IP);
	nl_put(&m, ip->family == AF_INET ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, ip->at, net_ip_size(ip->family));
	nl_end(&m, at);
	nl_end(&m, tuple);
	put_filter(&m, direction == CTA_TUPLE_ORIG ? BY_SOURCE : 0, direction == CTA_TUPLE_REPLY ? BY_SOURCE : 0);
	if (nl_talk(s->n, &m, take_flow, s) == 0)
		forget_found(s);
}

/* Of clients that asked before anybody listened. */
static void forget_ports(struct search *s, int family, const struct net_record *r)
{
	struct nl_msg m = { .bytes.arena = s->a };
	size_t tuple, at;

	s->family = family;
	s->ports = r;
	begin(&m, IPCTNL_MSG_CT_GET, NLM_F_DUMP, family);
	tuple = nl_nest(&m, CTA_TUPLE_ORIG);
	at = nl_nest(&m, CTA_TUPLE_PROTO);
	nl_put_u8(&m, CTA_PROTO_NUM, IPPROTO_UDP);
	nl_end(&m, at);
	nl_end(&m, tuple);
	put_filter(&m, BY_PROTOCOL, 0);
	if (nl_talk(s->n, &m, take_flow, s) == 0)
		forget_found(s);
	s->ports = NULL;
}

static bool has_udp(const struct net_record *r)
{
	for (size_t i = 0; i < r->ports.len; i++)
		if (r->ports.at[i].protocol == IPPROTO_UDP)
			return true;
	return false;
}

static bool nothing_remembered(struct arena *a)
{
	char *text;
	size_t len;

	return file_read(a, AT_FDCWD, "/proc/sys/net/netfilter/nf_conntrack_count", 64, &text, &len) >= 0 && !strcmp(text, "0\n");
}

static void forget_addresses(struct search *s, const struct net_record *r)
{
	for (size_t i = 0; i < r->networks.len; i++) {
		const char *texts[] = { r->networks.at[i].address, r->networks.at[i].address6 };
		struct net_cidr c;

		for (size_t k = 0; k < 2; k++)
			if (texts[k] && net_cidr_parse(texts[k], &c)) {
				forget_address(s, &c.ip, CTA_TUPLE_ORIG);
				forget_address(s, &c.ip, CTA_TUPLE_REPLY);
			}
	}
}

void net_conntrack_forget(const struct net_record *r, bool comes)
{
	auto_arena a = { 0 };
	auto_nl n = NL_NONE;
	struct search s = { .a = &a, .n = &n };

	if ((comes && !has_udp(r)) || nothing_remembered(&a) || nl_open(NETLINK_NETFILTER, -1, &n, NULL) < 0)
		return;
	if (!comes)
		forget_addresses(&s, r);
	if (comes && r->target)
		forget_ports(&s, AF_INET, r);
	if (comes && r->target6)
		forget_ports(&s, AF_INET6, r);
}
