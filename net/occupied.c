/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/occupied.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "net/nl.h"
#include "net/published.h"

struct question {
	struct arena *a;
	int protocol;
	const struct net_record *had;
	struct net_ip at; /* .at all zero: any address of the family */
	uint16_t first, last;
	struct net_ip found; /* who listens; .family 0: nobody whom it is taken from */
	uint16_t found_port;
};

static int try_bind(const struct question *q)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(q->first) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(q->first) };
	bool four = q->at.family == AF_INET;
	auto_fd fd = socket(q->at.family, (q->protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, q->protocol);
	int on = 1;

	memcpy(&v4.sin_addr, q->at.at, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, q->at.at, sizeof(v6.sin6_addr));
	/* Else connections that have ended keep their port for a minute. */
	if (fd >= 0 && q->protocol == IPPROTO_TCP)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd >= 0 && !four)
		(void)setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (fd < 0 || bind(fd, four ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, four ? sizeof(v4) : sizeof(v6)) == 0)
		return 0;
	return errno == EADDRINUSE ? -EADDRINUSE : 0; /* what cannot be asked is not refused */
}

static struct net_ip address_of(int family, const void *at)
{
	struct net_ip ip = { .family = family };

	memcpy(ip.at, at, net_ip_size(ip.family));
	return net_ip_plain(&ip);
}

/* What is led away already is taken from nobody. */
static bool is_led(const struct question *q, uint16_t port)
{
	const struct net_record *had = q->had;

	if (!had || !(q->at.family == AF_INET ? had->target : had->target6))
		return false;
	for (size_t i = 0; i < had->ports.len; i++) {
		const struct oci_kist_port *p = &had->ports.at[i];

		if (p->protocol == q->protocol && p->host <= port && port <= net_published_last(p) && net_published_has(p, &q->at))
			return true;
	}
	return false;
}

static void judge(struct question *q, const struct net_ip *ip, uint16_t port, bool only6)
{
	if (ip->family == q->at.family ? net_ip_stays(ip) || !(net_ip_is_none(ip) || net_ip_is_none(&q->at) || net_ip_same(ip, &q->at))
				       : only6 || ip->family == AF_INET || !net_ip_is_none(ip))
		return;
	q->found = *ip;
	q->found_port = port;
}

/* SCTP's may have several addresses. */
static void judge_all(struct question *q, struct nl_span addresses, uint16_t port, bool only6)
{
	struct sockaddr_storage one;

	for (size_t at = 0; at + sizeof(one) <= addresses.len; at += sizeof(one)) {
		struct net_ip ip;

		memcpy(&one, addresses.at + at, sizeof(one));
		ip = address_of(one.ss_family, one.ss_family == AF_INET ? (const void *)&((const struct sockaddr_in *)&one)->sin_addr
									: &((const struct sockaddr_in6 *)&one)->sin6_addr);
		judge(q, &ip, port, only6);
	}
}

static int take_socket(void *data, unsigned type, struct nl_span body)
{
	struct question *q = data;
	struct nl_span by[INET_DIAG_LOCALS + 1];
	struct inet_diag_msg m;
	struct net_ip ip;
	uint8_t only6 = 0;
	uint16_t port;

	if (type != SOCK_DIAG_BY_FAMILY || body.len < sizeof(m))
		return -EPROTO;
	memcpy(&m, body.at, sizeof(m));
	port = ntohs(m.id.idiag_sport);
	if ((m.idiag_family != AF_INET && m.idiag_family != AF_INET6) || port < q->first || port > q->last || is_led(q, port))
		return 0;
	nl_index(nl_after(body, sizeof(m)), by, INET_DIAG_LOCALS + 1);
	(void)nl_get(by[INET_DIAG_SKV6ONLY], &only6, sizeof(only6));
	ip = address_of(m.idiag_family, m.id.idiag_src);
	if (by[INET_DIAG_LOCALS].at)
		judge_all(q, by[INET_DIAG_LOCALS], port, only6);
	else
		judge(q, &ip, port, only6);
	return 0;
}

static int list(struct nl *n, struct question *q, int family)
{
	struct inet_diag_req_v2 head = { .sdiag_family = (uint8_t)family, .sdiag_protocol = (uint8_t)q->protocol,
					 .idiag_states = 1U << (q->protocol == IPPROTO_UDP ? TCP_CLOSE : TCP_LISTEN),
					 .id.idiag_sport = q->first == q->last ? htons(q->first) : 0 };
	struct nl_msg m = { .bytes.arena = q->a };

	nl_begin(&m, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &head, sizeof(head));
	return nl_talk(n, &m, take_socket, q);
}

/* Who listens is in q->found; `unknown` is what is there when nobody can say. */
static bool list_all(struct question *q, struct net_ip unknown)
{
	auto_nl n = NL_NONE;

	if (nl_open(NETLINK_SOCK_DIAG, -1, &n, NULL) < 0 || list(&n, q, AF_INET) || list(&n, q, AF_INET6)) {
		q->found = unknown;
		q->found_port = q->first;
	}
	return q->found.family;
}

/* Asking for a socket of SCTP would load it, on a host where then nobody listens. */
static bool ask(struct question *q)
{
	if (q->protocol == IPPROTO_SCTP)
		return list_all(q, (struct net_ip){ .family = 0 });
	return !is_led(q, q->first) && try_bind(q) && list_all(q, q->at);
}

static int ask_port(struct question *q, const struct oci_kist_port *p, struct err *e)
{
	uint32_t last = net_published_last(p), step = p->protocol == IPPROTO_SCTP ? last - p->host : 0;

	for (uint32_t port = p->host; port <= last; port += step + 1) {
		q->first = (uint16_t)port;
		q->last = (uint16_t)(port + step);
		if (ask(q))
			return err_set(e, EADDRINUSE, "a program of the host listens at port %u (%s, %s): stop it or publish another port; "
				       "ss -l%spn 'sport = :%u' names it", q->found_port, word_name(oci_protocol_words, p->protocol),
				       net_ip_text(q->a, &q->found), p->protocol == IPPROTO_SCTP ? "S" : "", q->found_port);
	}
	return 0;
}

int net_occupied(struct arena *a, const struct net_record *r, const struct net_record *had, struct err *e)
{
	const struct {
		int family;
		const char *target;
	} ways[] = { { AF_INET, r->target }, { AF_INET6, r->target6 } };
	int rc = 0;

	for (size_t i = 0; i < r->ports.len && !rc; i++) {
		const struct oci_kist_port *p = &r->ports.at[i];

		for (size_t k = 0; k < 2 && !rc; k++) {
			struct question q = { .a = a, .protocol = p->protocol, .had = had, .at = net_published_at(p) };

			q.at.family = ways[k].family;
			if (ways[k].target && net_published_in(p, ways[k].family))
				rc = ask_port(&q, p, e);
		}
	}
	return rc;
}
