/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/orphans.h"

#include <errno.h>
#include <string.h>


static bool stands_in(const net_records *living, const char *name)
{
	for (size_t i = 0; i < living->len; i++)
		for (size_t k = 0; k < living->at[i].networks.len; k++) {
			const char *theirs = living->at[i].networks.at[k].host_interface;

			if (theirs && !strcmp(theirs, name))
				return true;
		}
	return false;
}

/* Other data directories have networks on this host, too, but no bridge is in two of them that are kist's own. */
static bool is_on_own_bridge(const net_links *links, int master, const net_networks *all)
{
	for (size_t i = 0; i < links->len; i++)
		for (size_t k = 0; links->at[i].index == master && k < all->len; k++)
			if (net_is_own(&all->at[k]) && !strcmp(all->at[k].interface, links->at[i].name))
				return true;
	return false;
}

int net_orphans_sweep(struct arena *a, int data, const net_networks *all, struct err *e)
{
	auto_nl host = NL_NONE;
	net_records living;
	net_links links;
	int r = net_record_living(a, data, &living, e);

	if (!r)
		r = nl_open(NETLINK_ROUTE, -1, &host, e);
	if (r)
		return r;
	r = net_link_list(a, &host, &links);
	if (r)
		return nl_fail(&host, r, e, "list the interfaces of the host");
	for (size_t i = 0; i < links.len; i++) {
		const struct net_link *l = &links.at[i];

		if (!l->master || strcmp(l->kind, "veth") != 0 || !net_is_named(l->name, NET_PAIR) || stands_in(&living, l->name) ||
		    !is_on_own_bridge(&links, l->master, all))
			continue;
		r = net_link_delete(&host, l->index);
		if (r && r != -ENODEV)
			return nl_fail(&host, r, e, "remove the interface %s of a container that is gone", l->name);
	}
	return 0;
}
