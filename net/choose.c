/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/choose.h"

#include <errno.h>

void net_choose_routes(const net_joins *all)
{
	static const struct net_ip none;
	bool has4 = false, has6 = false;

	for (size_t i = 0; i < all->len; i++) {
		struct net_join *j = &all->at[i];
		bool out = !j->network.internal;

		j->inside.gateway = out && !has4 ? j->network.v4.gateway : none;
		j->inside.gateway6 = out && !has6 ? j->network.v6.gateway : none;
		has4 |= j->inside.gateway.family;
		has6 |= j->inside.gateway6.family;
	}
}

bool net_choose_leads(const struct net_record *r, const struct oci_kist_port *p)
{
	return (r->target && net_published_in(p, AF_INET)) || (r->target6 && net_published_in(p, AF_INET6));
}

static int refuse_nowhere(struct arena *a, const net_joins *all, const struct net_record *r, const struct oci_kist_port *p, struct err *e)
{
	struct text names = { .arena = a };
	const char *lacks = r->target ? "IPv6" : "IPv4", *has = r->target ? "IPv4" : "IPv6";

	if (!r->target && !r->target6)
		return err_set(e, EINVAL, "ports of the host cannot lead to container %s: none of its networks is a bridge of kist's with a way out", r->id);
	for (size_t i = 0; i < all->len; i++)
		text_add(&names, "%s%s", i ? ", " : "", all->at[i].network.name);
	return err_set(e, EINVAL, "port %u at %s of the host cannot lead to container %s: none of its networks (%s) is a bridge of kist's with %s and a way "
		       "out; publish it at an %s address, or bring it into a network that has %s", p->host, p->address, r->id, text_str(&names), lacks, has, lacks);
}

int net_choose_targets(struct arena *a, const net_joins *all, struct net_record *record, struct err *e)
{
	record->target = record->target6 = NULL;
	for (size_t i = 0; i < all->len; i++) {
		const struct net_join *j = &all->at[i];

		if (!net_is_own(&j->network) || j->network.internal)
			continue;
		if (!record->target && j->inside.address.ip.family)
			record->target = net_ip_text(a, &j->inside.address.ip);
		if (!record->target6 && j->inside.address6.ip.family)
			record->target6 = net_ip_text(a, &j->inside.address6.ip);
	}
	for (size_t i = 0; i < record->ports.len; i++)
		if (!net_choose_leads(record, &record->ports.at[i]))
			return refuse_nowhere(a, all, record, &record->ports.at[i], e);
	return 0;
}
