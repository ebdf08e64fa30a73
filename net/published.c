/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/published.h"

#include <errno.h>

uint32_t net_published_last(const struct oci_kist_port *p)
{
	return p->end ? *p->end : p->host;
}

struct net_ip net_published_at(const struct oci_kist_port *p)
{
	struct net_ip at = { .family = 0 };

	if (p->address)
		(void)net_ip_parse(p->address, &at);
	return net_ip_plain(&at);
}

bool net_published_in(const struct oci_kist_port *p, int family)
{
	struct net_ip at = net_published_at(p);

	return !at.family || at.family == family;
}

bool net_published_has(const struct oci_kist_port *p, const struct net_ip *to)
{
	struct net_ip at = net_published_at(p);

	return net_ip_is_none(&at) ? !at.family || at.family == to->family : net_ip_same(&at, to);
}

static bool meet(const struct net_ip *x, const struct net_ip *y)
{
	return net_ip_is_none(x) == net_ip_is_none(y) && (!x->family || !y->family || net_ip_same(x, y));
}

bool net_published_overlap(const struct oci_kist_port *x, const struct oci_kist_port *y)
{
	struct net_ip one = net_published_at(x), other = net_published_at(y);

	return x->protocol == y->protocol && x->host <= net_published_last(y) && y->host <= net_published_last(x) && meet(&one, &other);
}

bool net_published_same(const struct oci_kist_port *x, const struct oci_kist_port *y)
{
	struct net_ip one = net_published_at(x), other = net_published_at(y);

	return x->protocol == y->protocol && x->host == y->host && net_published_last(x) == net_published_last(y) && net_ip_same(&one, &other);
}

static int judge_address(struct arena *a, struct oci_kist_port *p, struct err *e)
{
	struct net_ip ip;

	if (!net_ip_parse(p->address, &ip))
		return err_set(e, EINVAL, "kist.ports: \"%s\" is not an address", p->address);
	ip = net_ip_plain(&ip);
	if (net_ip_stays(&ip))
		return err_set(e, EINVAL, "kist.ports: ports can be published at 127.0.0.1, but not at %s, which is the host's own", p->address);
	p->address = net_ip_text(a, &ip);
	return 0;
}

int net_published_plan(struct arena *a, const struct oci_kist *k, net_ports *out, struct err *e)
{
	net_ports all = { arena_array(a, k->ports.len, sizeof(*all.at)), 0 };

	for (size_t i = 0; i < k->ports.len; i++) {
		struct oci_kist_port port = k->ports.at[i];
		int r = port.address ? judge_address(a, &port, e) : 0;

		if (r)
			return r;
		for (size_t n = 0; n < i; n++)
			if (net_published_overlap(&all.at[n], &port))
				return err_set(e, EINVAL, "kist.ports: port %u of the host is given twice", port.host);
		all.at[all.len++] = port;
	}
	*out = all;
	return 0;
}

static const char *address_text(const struct oci_kist_port *p)
{
	struct net_ip at = net_published_at(p);

	if (!at.family)
		return "of all addresses";
	if (net_ip_is_none(&at))
		return at.family == AF_INET ? "of all IPv4 addresses" : "of all IPv6 addresses";
	return p->address;
}

void net_published_explain(const struct oci_kist_port *p, struct text *out)
{
	text_add(out, "port: %s %s %u", word_name(oci_protocol_words, p->protocol), address_text(p), p->host);
	if (p->end)
		text_add(out, " to %u", *p->end);
	text_add(out, " leads to %u\n", p->container);
}
