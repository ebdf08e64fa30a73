/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/share.h"

#include <errno.h>

#include "base/fd.h"
#include "net/link.h"
#include "net/phys.h"

/* The dead of before leave the list when somebody is added to it. */
int net_share(struct arena *a, int data, const char *of, const struct net_sharer *one, struct err *e)
{
	struct net_record r;
	struct net_sharer *all;
	size_t n = 0;
	int rc = net_record_read(a, data, of, &r, e);

	if (rc)
		return rc == -ENOENT ? 0 : rc;
	all = arena_array(a, r.sharers.len + 1, sizeof(*all));
	for (size_t i = 0; i < r.sharers.len; i++)
		if (net_sharer_lives(&r.sharers.at[i]))
			all[n++] = r.sharers.at[i];
	all[n++] = *one;
	r.sharers.at = all;
	r.sharers.len = n;
	return net_record_write(a, data, &r, e);
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
