/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/apply.h"

#include <errno.h>
#include <net/if.h>
#include <sys/stat.h>

#include "net/link.h"

struct moving {
	const struct net_device *device;
	struct net_link link;
	net_addrs addrs;
};

static int look(struct arena *a, struct nl *host, const struct net_device *d, struct moving *out, struct err *e)
{
	int r = net_link_find(host, d->host, &out->link);

	out->device = d;
	if (r == -ENODEV)
		return err_set(e, ENODEV, "linux.netDevices: the host has no network interface \"%s\"", d->host);
	if (!r && out->link.flags & IFF_LOOPBACK)
		return err_set(e, EINVAL, "linux.netDevices: \"%s\" is the loopback, which every network namespace has for itself", d->host);
	if (!r)
		r = net_addr_list(a, host, out->link.index, &out->addrs);
	return r ? nl_fail(host, r, e, "linux.netDevices: look at the network interface \"%s\"", d->host) : 0;
}

/* The kernel would move it first and then find that it cannot rename it. */
static int look_inside(struct nl *inside, const struct net_device *d, struct err *e)
{
	struct net_link l;
	int r = net_link_find(inside, d->name, &l);

	if (!r)
		return err_set(e, EEXIST, "linux.netDevices: the container's network namespace has an interface \"%s\" already", d->name);
	return r == -ENODEV ? 0 : nl_fail(inside, r, e, "linux.netDevices: look for \"%s\" in the container's network namespace", d->name);
}

static int move(struct nl *host, const struct moving *m, int netns, struct err *e)
{
	int r = net_link_move(host, m->link.index, netns, m->device->name);

	return r ? nl_fail(host, r, e, "linux.netDevices: move \"%s\" into the container's network namespace", m->device->host) : 0;
}

/* The number of an interface may have to change on the way. */
static int settle(struct nl *inside, const struct moving *m, struct err *e)
{
	struct net_link l;
	int r = net_link_find(inside, m->device->name, &l);

	for (size_t i = 0; !r && i < m->addrs.len; i++)
		r = net_addr_add(inside, l.index, &m->addrs.at[i]);
	if (!r)
		r = net_link_up(inside, l.index);
	return r ? nl_fail(inside, r, e, "linux.netDevices: set up \"%s\" in the container", m->device->name) : 0;
}

/* What is "moved" where it is already would only be renamed, on the host. */
static int refuse_own(int netns, struct err *e)
{
	struct stat theirs, own;

	if (fstat(netns, &theirs) < 0 || stat("/proc/self/ns/net", &own) < 0)
		return err_sys(e, "stat the container's network namespace");
	if (theirs.st_ino != own.st_ino || theirs.st_dev != own.st_dev)
		return 0;
	return err_set(e, EPERM, "linux.netDevices: the container's network namespace is the one that kist itself is in");
}

int net_apply(struct arena *a, const struct net_plan *p, int netns, struct err *e)
{
	struct moving *all = arena_array(a, p->devices.len, sizeof(*all));
	auto_nl host = NL_NONE;
	auto_nl inside = NL_NONE;
	int r = refuse_own(netns, e);

	if (!r)
		r = nl_open(NETLINK_ROUTE, -1, &host, e);

	if (!r)
		r = nl_open(NETLINK_ROUTE, netns, &inside, e);
	for (size_t i = 0; i < p->devices.len && !r; i++) {
		r = look(a, &host, &p->devices.at[i], &all[i], e);
		if (!r)
			r = look_inside(&inside, &p->devices.at[i], e);
	}
	for (size_t i = 0; i < p->devices.len && !r; i++) {
		r = move(&host, &all[i], netns, e);
		if (!r)
			r = settle(&inside, &all[i], e);
	}
	return r;
}
