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
	struct net_ip at; /* .at all zero: any address of the family */
	uint16_t port;
	struct net_ip found; /* who listens; .family 0: nobody whom it is taken from */
};

static int try_bind(const struct question *q)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(q->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(q->port) };
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

/* An IPv4 address in the clothes of IPv6 is one. */
static struct net_ip address_of(const struct inet_diag_msg *m)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct net_ip ip = { .family = m->idiag_family };

	memcpy(ip.at, m->id.idiag_src, net_ip_size(ip.family));
	if (ip.family == AF_INET6 && !memcmp(ip.at, mapped, sizeof(mapped))) {
		ip = (struct net_ip){ .family = AF_INET };
		memcpy(ip.at, (const char *)m->id.idiag_src + sizeof(mapped), 4);
	}
	return ip;
}

static int take_socket(void *data, unsigned type, struct nl_span body)
{
	struct question *q = data;
	struct nl_span by[INET_DIAG_SKV6ONLY + 1];
	struct inet_diag_msg m;
	struct net_ip ip;
	uint8_t only6 = 0;

	if (type != SOCK_DIAG_BY_FAMILY || body.len < sizeof(m))
		return -EPROTO;
	memcpy(&m, body.at, sizeof(m));
	if ((m.idiag_family != AF_INET && m.idiag_family != AF_INET6) || m.id.idiag_sport != htons(q->port))
		return 0;
	nl_index(nl_after(body, sizeof(m)), by, INET_DIAG_SKV6ONLY + 1);
	(void)nl_get(by[INET_DIAG_SKV6ONLY], &only6, sizeof(only6));
	ip = address_of(&m);
	if (ip.family == q->at.family ? net_ip_stays(&ip) || !(net_ip_is_none(&ip) || net_ip_is_none(&q->at) || net_ip_same(&ip, &q->at))
				      : only6 || ip.family == AF_INET || !net_ip_is_none(&ip))
		return 0;
	q->found = ip;
	return 0;
}

static int list(struct nl *n, struct question *q, int family)
{
	struct inet_diag_req_v2 head = { .sdiag_family = (uint8_t)family, .sdiag_protocol = (uint8_t)q->protocol,
					 .idiag_states = q->protocol == IPPROTO_TCP ? 1U << TCP_LISTEN : 1U << TCP_CLOSE,
					 .id.idiag_sport = htons(q->port) };
	struct nl_msg m = { .bytes.arena = q->a };

	nl_begin(&m, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &head, sizeof(head));
	return nl_talk(n, &m, take_socket, q);
}

static int ask(struct question *q)
{
	auto_nl n = NL_NONE;
	int r = try_bind(q);

	if (!r)
		return 0;
	q->found = q->at;
	if (nl_open(NETLINK_SOCK_DIAG, -1, &n, NULL) < 0)
		return r;
	q->found.family = 0;
	if (list(&n, q, AF_INET) || list(&n, q, AF_INET6))
		q->found = q->at;
	return q->found.family ? r : 0;
}

/* What is led away already is taken from nobody. */
static bool is_led(const struct net_record *had, const struct question *q)
{
	if (!had || !(q->at.family == AF_INET ? had->target : had->target6))
		return false;
	for (size_t i = 0; i < had->ports.len; i++) {
		const struct oci_kist_port *p = &had->ports.at[i];

		if (p->protocol == q->protocol && p->host <= q->port && q->port <= net_published_last(p) && net_published_has(p, &q->at))
			return true;
	}
	return false;
}

static int ask_port(struct arena *a, const struct oci_kist_port *p, int family, const struct net_record *had, struct err *e)
{
	struct question q = { .a = a, .protocol = p->protocol, .at = net_published_at(p) };

	q.at.family = family;
	for (uint32_t port = p->host; port <= net_published_last(p); port++) {
		q.port = (uint16_t)port;
		if (!is_led(had, &q) && ask(&q))
			return err_set(e, EADDRINUSE,
				       "a program of the host listens at port %u (%s, %s): stop it or publish another port; ss -lpn 'sport = :%u' names it",
				       port, word_name(oci_protocol_words, p->protocol), net_ip_text(a, &q.found), port);
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

		if (p->protocol != IPPROTO_TCP && p->protocol != IPPROTO_UDP)
			continue;
		for (size_t k = 0; k < 2 && !rc; k++)
			if (ways[k].target && net_published_in(p, ways[k].family))
				rc = ask_port(a, p, ways[k].family, had, e);
	}
	return rc;
}
