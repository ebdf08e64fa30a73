/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/share.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/text.h"
#include "net/bridge.h"
#include "net/phys.h"

static bool is_in(struct arena *a, const struct net_sharer *s, const struct stat *netns)
{
	struct stat st;

	return stat(arena_printf(a, "/proc/%d/ns/net", (int)s->pid), &st) == 0 && st.st_ino == netns->st_ino && st.st_dev == netns->st_dev &&
	       net_sharer_lives(s);
}

/* By the namespace, not by name: who is joined may itself have joined another's, which has the addresses. */
static bool owns(struct arena *a, const struct net_record *r, const struct stat *netns)
{
	const struct net_sharer owner = { r->pid, r->start };
	bool any = is_in(a, &owner, netns);

	for (size_t i = 0; i < r->sharers.len && !any; i++)
		any = is_in(a, &r->sharers.at[i], netns);
	return any;
}

/* The dead of before leave the list. */
static int add(struct arena *a, int data, struct net_record *r, const struct net_sharer *one, struct err *e)
{
	struct net_sharer *all = arena_array(a, r->sharers.len + 1, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < r->sharers.len; i++)
		if (net_sharer_lives(&r->sharers.at[i]))
			all[n++] = r->sharers.at[i];
	all[n++] = *one;
	r->sharers.at = all;
	r->sharers.len = n;
	return net_record_write(a, data, r, e);
}

int net_share(struct arena *a, int data, int netns, const struct net_sharer *one, struct err *e)
{
	net_records all;
	struct stat st;
	int r = fstat(netns, &st) < 0 ? err_sys(e, "stat the network namespace that is shared") : net_record_list(a, data, &all, e);

	for (size_t i = 0; !r && i < all.len; i++)
		if (owns(a, &all.at[i], &st))
			return add(a, data, &all.at[i], one, e);
	return r;
}

/* What is deleted here takes its far end along. */
static int remove_one(struct nl *host, struct nl *inside, const struct net_attachment *t)
{
	struct net_link link;
	int r = t->taken ? net_phys_take_back(host, inside, t->taken) : net_link_find(inside, t->interface, &link);

	if (!r && !t->taken)
		r = net_link_delete(inside, link.index);
	return r == -ENODEV ? 0 : r;
}

static int remove_all(struct nl *host, struct nl *inside, const struct net_record *r, struct err *e)
{
	for (size_t i = 0; i < r->networks.len; i++) {
		int rc = remove_one(host, inside, &r->networks.at[i]);

		if (rc)
			return nl_fail(inside, rc, e, "remove the interface %s of container %s from the network namespace that others share",
				       r->networks.at[i].interface, r->id);
	}
	return 0;
}

int net_share_end(struct arena *a, const struct net_record *r, struct err *e)
{
	for (size_t i = 0; i < r->sharers.len; i++) {
		const struct net_sharer *s = &r->sharers.at[i];
		auto_fd netns = fd_open(AT_FDCWD, arena_printf(a, "/proc/%d/ns/net", (int)s->pid), O_RDONLY);
		auto_nl host = NL_NONE;
		auto_nl inside = NL_NONE;
		int rc;

		/* The number may have passed to somebody else before the path was opened. */
		if (!net_sharer_lives(s))
			continue;
		if (netns < 0)
			return err_num(e, netns, "open the network namespace that others share with container %s", r->id);
		rc = nl_open(NETLINK_ROUTE, -1, &host, e);
		if (!rc)
			rc = nl_open(NETLINK_ROUTE, netns, &inside, e);
		return rc ? rc : remove_all(&host, &inside, r, e);
	}
	return 0;
}

void net_cut_off(struct arena *a, const struct net_record *r)
{
	struct strv names = { .arena = a };

	for (size_t i = 0; i < r->networks.len; i++)
		if (r->networks.at[i].host_interface)
			strv_add(&names, r->networks.at[i].host_interface);
	net_port_cut(&(strings){ names.at, names.len });
}
