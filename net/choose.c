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
	if (!record->ports.len || record->target || record->target6)
		return 0;
	return err_set(e, EINVAL, "ports of the host cannot lead to container %s: none of its networks is a bridge of kist's with a way out", record->id);
}
