/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation.  First everything is looked up and the addresses are taken; then the record is written, so that whatever
 * happens the leases can be told from stale ones; then the interfaces are made.
 */
#include "net/attach.h"

#include <errno.h>
#include <unistd.h>

#include "net/bandwidth.h"
#include "net/choose.h"
#include "net/conntrack.h"
#include "net/occupied.h"
#include "net/etc.h"
#include "net/members.h"
#include "net/phys.h"
#include "net/rules.h"
#include "net/share.h"

struct attaching {
	struct arena *a;
	const struct net_place *at;
	struct net_record record;
	net_joins all;
};

static int take_all(struct attaching *t, const struct net_plan *p, struct err *e)
{
	size_t n = p->wishes.len;
	int r = 0;

	t->all.at = arena_array(t->a, n, sizeof(*t->all.at));
	t->record.networks.at = arena_array(t->a, n, sizeof(*t->record.networks.at));
	while (t->all.len < n && !r) {
		r = net_join_take(t->a, t->at, &p->wishes.at[t->all.len], &t->record, &t->all.at[t->all.len], e);
		t->all.len += !r;
	}
	if (r)
		return r;
	net_choose_routes(&t->all);
	r = net_choose_targets(t->a, &t->all, &t->record, e);
	return r ? r : net_occupied(t->a, &t->record, NULL, e);
}

static int make_all(struct attaching *t, struct err *e)
{
	auto_nl host = NL_NONE;
	auto_nl inside = NL_NONE;
	auto_table table = TABLE_NONE;
	bool fresh = false, own = net_joins_own(&t->all);
	int r = own ? net_table_look(t->a, t->at->data, &table, e) : 0;

	if (!r)
		r = nl_open(NETLINK_ROUTE, -1, &host, e);
	if (!r)
		r = nl_open(NETLINK_ROUTE, t->at->netns, &inside, e);
	for (size_t i = 0; i < t->all.len && r >= 0; i++) {
		r = net_join_make(&host, &inside, &t->all.at[i], e);
		fresh |= r > 0;
	}
	if (r < 0 || !own)
		return r < 0 ? r : 0;
	return net_rules_give(t->a, t->at->data, &table, &t->record, fresh, e);
}

/* One that wants what a kernel booted with ipv6.disable=1 has not; NULL: it has, or none does. */
static const char *wants_ipv6(const net_joins *all)
{
	for (size_t i = 0; i < all->len && access("/proc/sys/net/ipv6", F_OK) < 0; i++)
		if (all->at[i].network.v6.subnet.ip.family)
			return all->at[i].network.name;
	return NULL;
}

/* What the kernel has not got, or not for this root, can be done without. */
static int hint(int r, const net_joins *all, struct err *e)
{
	static const int lacks[] = { EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT, EPERM, EROFS };

	if (r == -EOPNOTSUPP && wants_ipv6(all))
		return err_hint(e, r, "the network %s has IPv6 addresses, but this host runs without IPv6 (ipv6.disable=1)", wants_ipv6(all));
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++)
		if (-r == lacks[i])
			return err_hint(e, r, "networks need CAP_NET_ADMIN and a kernel with bridges, veth pairs and nf_tables with NAT; "
					      "\"--network none\" runs without them");
	return r;
}

static int tell_all(struct attaching *t, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < t->record.networks.len && !r; i++)
		r = net_members_join(t->a, t->at->data, &t->record, &t->record.networks.at[i], e);
	return r ? r : net_members_own(t->a, t->at->data, &t->record, e);
}

int net_attach(struct arena *a, const struct net_plan *p, const struct net_place *at, struct err *e)
{
	struct attaching t = { .a = a, .at = at, .record = { .id = at->id, .pid = at->pid, .start = at->start } };
	struct net_record had;
	int r = net_record_of(a, at, &had, e);

	if (r && r != -ENOENT)
		return r;
	r = net_boot_id(a, &t.record.boot, e);
	t.record.ports.at = p->ports.at;
	t.record.ports.len = p->ports.len;
	t.record.bandwidth = p->bandwidth;
	if (!r)
		r = take_all(&t, p, e);
	if (!r)
		r = net_etc_know(a, at->data, p, &t.all, &t.record, e);
	/* Also after a failure: what was taken so far is given back by it. */
	if (t.record.networks.len) {
		int w = net_record_write(a, at->data, &t.record, r ? NULL : e);

		if (w)
			net_lease_release(a, at->data, &t.record);
		r = r ? r : w;
	}
	if (!r)
		r = hint(make_all(&t, e), &t.all, e);
	if (!r)
		r = tell_all(&t, e);
	/* Ports that another has must not be taken from him when this is undone. */
	if (r && t.record.networks.len) {
		t.record.ports.len = 0;
		(void)net_record_write(a, at->data, &t.record, NULL);
	}
	return r;
}

int net_detach(struct arena *a, const struct net_place *who, struct err *e)
{
	struct net_record record;
	net_ips ips;
	int data = who->data, away, rc, r = net_record_of(a, who, &record, e);

	if (r)
		return r == -ENOENT || r == -EEXIST ? 0 : r;
	r = net_share_end(a, &record, e);
	away = r ? r : net_phys_return(a, data, &record, e);
	if (away < 0)
		return away;
	net_cut_off(a, &record);
	ips = net_record_ips(a, &record);
	ips = net_rules_talked(a, data, &ips);
	r = net_rules_take(a, data, &record, e);
	net_lease_release(a, data, &record);
	net_limits_drop(&record);
	rc = net_record_delete(a, data, who->id, r ? NULL : e);
	for (size_t i = 0; i < record.networks.len; i++)
		net_members_leave(a, data, &record, &record.networks.at[i]);
	net_conntrack_forget(&ips);
	r = r ? r : rc;
	return r ? r : away;
}
