/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/repair.h"

#include "net/bandwidth.h"
#include "net/change.h"
#include "net/files.h"
#include "net/members.h"
#include "net/mend.h"
#include "net/orphans.h"
#include "net/phys.h"
#include "net/rules.h"

int net_repair(struct arena *a, int data, struct err *e)
{
	static const char *const folders[] = { "attached", "away", "forwarding", "networks" };
	net_networks all;
	int r = net_change_finish(a, data, e);

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		net_files_sweep(a, data, folders[i]);
	if (!r)
		r = net_network_list(a, data, &all, e);
	if (!r)
		r = net_mend(a, data, &all, e);
	if (!r)
		r = net_rules_make(a, data, e);
	if (!r)
		r = net_phys_settle(a, data, NULL, NULL, e);
	if (r >= 0)
		r = net_orphans_sweep(a, data, &all, e);
	for (size_t i = 0; !r && i < all.len; i++)
		net_lease_sweep(a, data, all.at[i].name);
	if (!r)
		r = net_members_repair(a, data, &all, e);
	return r ? r : net_limits_sweep(e);
}
