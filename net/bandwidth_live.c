/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a container that runs: its limits changed, and what they have done. */
#include <errno.h>

#include "net/bandwidth.h"

static int take_flow(void *data, unsigned type, struct nl_span body)
{
	struct net_flow *sum = data, one;

	if (!net_tc_read_shaper(type, body, &one))
		return 0;
	sum->bytes += one.bytes;
	sum->packets += one.packets;
	sum->delayed += one.delayed;
	sum->dropped += one.dropped;
	return 0;
}

/* Without its interface, or a queue on it, there is nothing to add. */
static void add_flow(struct nl *host, const char *interface, struct net_flow *sum)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct net_link l;

	if (net_link_find(host, interface, &l))
		return;
	net_tc_ask_shaper(&m, l.index);
	(void)nl_talk(host, &m, take_flow, sum);
}

int net_limits_read(struct arena *a, int data, const char *id, struct net_flows *out, struct err *e)
{
	struct net_flows f = { 0 };
	struct net_record record;
	auto_nl host = NL_NONE;
	int r = net_record_read(a, data, id, &record, e);

	if (r == -ENOENT || (!r && !record.bandwidth))
		return 1;
	if (!r)
		r = net_limits_judge(record.bandwidth, &f.limits, e);
	if (!r)
		r = nl_open(NETLINK_ROUTE, -1, &host, e);
	for (size_t i = 0; i < record.networks.len && !r; i++) {
		const char *end = record.networks.at[i].host_interface;
		char ifb[NET_NAME];

		if (!end)
			continue;
		net_shaper_name(ifb, end);
		add_flow(&host, end, &f.in);
		add_flow(&host, ifb, &f.out);
	}
	if (!r)
		*out = f;
	return r;
}

static int set_all(const struct net_record *r, struct err *e)
{
	struct net_limits l;
	auto_nl host = NL_NONE;
	int rc = net_limits_judge(r->bandwidth, &l, e);

	if (!rc)
		rc = nl_open(NETLINK_ROUTE, -1, &host, e);
	for (size_t i = 0; i < r->networks.len && !rc; i++)
		rc = net_limits_set(&host, r->networks.at[i].host_interface, &l, e);
	return rc;
}

/* The record is first: it says what net_limits_drop() has to remove, however this ends. */
int net_limits_change(struct arena *a, int data, const char *id, const struct oci_kist_bandwidth *want, struct err *e)
{
	struct net_record record;
	static const struct oci_kist_bandwidth none = { 0 };
	const struct oci_kist_bandwidth *had;
	int r = net_record_read(a, data, id, &record, e);

	if (r == -ENOENT)
		return err_set(e, EINVAL, "kist.bandwidth: container %s is in no network of kist's, so there is nothing to limit", id);
	if (!r)
		r = net_limits_fit(&record, e);
	if (r)
		return r;
	had = record.bandwidth ? record.bandwidth : &none;
	record.bandwidth = want ? want : &none;
	r = net_record_write(a, data, &record, e);
	if (!r)
		r = set_all(&record, e);
	if (r) {
		record.bandwidth = had;
		(void)set_all(&record, NULL);
		(void)net_record_write(a, data, &record, NULL);
	}
	return r;
}
