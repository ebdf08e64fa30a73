/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/network.h"

#include <errno.h>
#include <sched.h>

#include "base/fd.h"
#include "net/apply.h"
#include "net/attach.h"
#include "storage/store.h"

#define LOCK "networks"

static int open_netns(const struct birth *b, struct err *e)
{
	const struct ns_plan *ns = &b->plan->ns;
	const char *path = arena_printf(b->c->arena, "/proc/%d/ns/net", b->pid);
	int fd;

	for (size_t i = 0; i < ns->joins.len; i++)
		if (ns->joins.at[i].kind->flag == CLONE_NEWNET)
			path = ns->joins.at[i].path;
	fd = fd_open(AT_FDCWD, path, O_RDONLY);
	return fd < 0 ? err_num(e, fd, "open the container's network namespace %s", path) : fd;
}

static int attach(const struct birth *b, int netns, struct err *e)
{
	auto_store store = ST_NONE;
	auto_fd lock = -1;
	struct net_place at = { .id = b->plan->id, .pid = b->pid, .start = b->record.start, .netns = netns };
	int r = st_open(b->c->arena, b->record.data, true, &store, e);

	if (r)
		return r;
	lock = st_lock(&store, LOCK, true, e);
	at.data = store.dir;
	return lock < 0 ? lock : net_attach(b->c->arena, &b->plan->net, &at, e);
}

int network_up(struct birth *b, struct err *e)
{
	const struct net_plan *p = &b->plan->net;
	auto_fd netns = -1;
	int r = 0;

	if (net_is_empty(p))
		return 0;
	netns = open_netns(b, e);
	if (netns < 0)
		return netns;
	if (p->devices.len)
		r = net_apply(b->c->arena, p, netns, e);
	return r || !p->wishes.len ? r : attach(b, netns, e);
}

int network_down(const struct ct_ctx *c, const struct ct_record *rec, struct err *e)
{
	auto_store store = ST_NONE;
	auto_fd lock = -1;
	int r = rec->data ? st_open(c->arena, rec->data, false, &store, e) : 0;

	/* Without the directory nobody knows of any address. */
	if (r || !rec->data)
		return r == -ENOENT ? 0 : r;
	lock = st_lock(&store, LOCK, true, e);
	return lock < 0 ? lock : net_detach(c->arena, store.dir, rec->id, e);
}
