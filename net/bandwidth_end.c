/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What limits leave behind: the ifbs, and the table that looks whether frames have come through one. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "net/bandwidth.h"
#include "net/shaped.h"

void net_shaper_name(char out[NET_NAME], const char *host_end)
{
	snprintf(out, NET_NAME, NET_SHAPER "%s", host_end + strlen(NET_PAIR));
}

static int take_name(void *data, unsigned type, struct nl_span body)
{
	struct strv *ends = data;
	struct nl_span by[IFLA_IFNAME + 1];
	const char *name;

	nl_index(nl_after(body, sizeof(struct ifinfomsg)), by, IFLA_IFNAME + 1);
	name = nl_str(by[IFLA_IFNAME]);
	if (type == RTM_NEWLINK && name && net_is_named(name, NET_SHAPER))
		strv_add(ends, arena_printf(ends->arena, NET_PAIR "%s", name + strlen(NET_SHAPER)));
	return 0;
}

/* The host's ends that have an ifb.  The kernel sends links of that kind alone. */
static int list_ends(struct nl *host, struct strv *ends)
{
	struct nl_msg m = { .bytes.arena = ends->arena };
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	size_t info;

	nl_begin(&m, RTM_GETLINK, NLM_F_DUMP, &head, sizeof(head));
	nl_put_u32(&m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	info = nl_nest(&m, IFLA_LINKINFO);
	nl_put_str(&m, IFLA_INFO_KIND, "ifb");
	nl_end(&m, info);
	return nl_list(host, &m, take_name, ends, &ends->len);
}

int net_shapers_guard(struct nl *host)
{
	auto_arena a = { 0 };
	struct strv ends = { .arena = &a };
	int r = list_ends(host, &ends);

	return r ? r : net_shaped_make(&(strings){ ends.at, ends.len });
}

int net_shapers_count(struct nl *host, size_t *all, size_t *unguarded)
{
	auto_arena a = { 0 };
	struct strv ends = { .arena = &a };
	int r = list_ends(host, &ends);

	*all = ends.len;
	*unguarded = 0;
	for (size_t i = 0; i < ends.len && !r; i++)
		*unguarded += !net_shaped_has(ends.at[i]);
	return r;
}

int net_shaper_remove(struct nl *host, const char *host_end)
{
	auto_arena a = { 0 };
	struct strv rest = { .arena = &a };
	struct net_link ifb;
	char name[NET_NAME];
	int r;

	net_shaper_name(name, host_end);
	r = net_link_find(host, name, &ifb);
	if (r || strcmp(ifb.kind, "ifb") != 0)
		return r == -ENODEV ? 0 : r;
	net_shaped_remove(host_end);
	r = net_link_delete(host, ifb.index);
	/* With the last one the table goes. */
	if (!r && list_ends(host, &rest) == 0 && !rest.len)
		(void)net_shaped_make(&(strings){ NULL, 0 });
	return r;
}

void net_limits_drop(const struct net_record *r)
{
	auto_nl host = NL_NONE;

	if (!r->bandwidth || nl_open(NETLINK_ROUTE, -1, &host, NULL))
		return;
	for (size_t i = 0; i < r->networks.len; i++)
		if (r->networks.at[i].host_interface)
			(void)net_shaper_remove(&host, r->networks.at[i].host_interface);
}

/* A kernel that has no tables for bridges has no limits that they would have to guard. */
int net_limits_sweep(struct err *e)
{
	auto_arena a = { 0 };
	struct strv ends = { .arena = &a };
	auto_nl host = NL_NONE;
	struct net_link end;
	int r = nl_open(NETLINK_ROUTE, -1, &host, e);

	if (r)
		return r;
	r = list_ends(&host, &ends);
	for (size_t i = 0; i < ends.len && !r; i++)
		if (net_link_find(&host, ends.at[i], &end) == -ENODEV)
			r = net_shaper_remove(&host, ends.at[i]);
	if (!r && ends.len)
		r = net_shapers_guard(&host);
	return r ? nl_fail(&host, r, e, "remove what shaped interfaces that are gone, and guard the others") : 0;
}
