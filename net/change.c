/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation.  A change is described by what is wanted in the end; networks are told by their names.
 *
 *	begin	addresses are taken in the networks that are new; the record is written with these marked as unfinished
 *	do	their interfaces are made; the record is written as it shall be, those that are left marked as unfinished;
 *		the firewall is changed in one step; the default route moves; what is left is removed; the record is written
 *
 * So whatever exists stands in the record, and what is unfinished there is to be left: killed at any point, the next change of
 * the same container or a repair does so (net_change_finish), and the container's end takes back everything as always.
 * The firewall is the last thing that can be refused.
 */
#include <errno.h>
#include <string.h>

#include "net/bandwidth.h"
#include "net/change_parts.h"
#include "net/choose.h"
#include "net/etc.h"
#include "net/occupied.h"
#include "net/rules.h"

struct net_attachment *net_change_find(const struct net_record *r, const char *network)
{
	for (size_t i = 0; i < r->networks.len; i++)
		if (!strcmp(r->networks.at[i].network, network))
			return &r->networks.at[i];
	return NULL;
}

/* Of a run that has ended it is none of this container's. */
int net_change_look(struct net_change *c, struct err *e)
{
	struct net_record *b = &c->before;
	const char *boot;
	int r = net_boot_id(c->a, &boot, e);

	if (!r)
		r = net_record_of(c->a, c->at, b, e);
	if (r && r != -ENOENT)
		return r;
	c->known = !r && b->pid == c->at->pid && b->start == c->at->start && !strcmp(b->boot, boot);
	if (!r && !c->known)
		net_lease_release(c->a, c->at->data, b);
	if (!c->known)
		*b = (struct net_record){ .id = c->at->id, .boot = boot, .pid = c->at->pid, .start = c->at->start };
	return 0;
}

static void know_all(struct net_change *c)
{
	c->had.at = arena_array(c->a, c->before.networks.len, sizeof(*c->had.at));
	for (size_t i = 0; i < c->before.networks.len; i++)
		net_join_known(c->a, c->at->data, &c->before.networks.at[i], &c->had.at[c->had.len++]);
	net_choose_routes(&c->had);
}

static int take_all(struct net_change *c, struct err *e)
{
	const struct net_plan *p = c->plan;
	struct net_record *after = &c->after;
	int r = 0;

	*after = c->before;
	after->networks.at = arena_array(c->a, p->wishes.len + c->before.networks.len, sizeof(*after->networks.at));
	after->networks.len = 0;
	after->ports.at = p->ports.at;
	after->ports.len = p->ports.len;
	if (!c->known)
		after->bandwidth = p->bandwidth;
	c->all.at = arena_array(c->a, p->wishes.len, sizeof(*c->all.at));
	for (size_t i = 0; i < p->wishes.len && !r; i++) {
		const struct net_attachment *had = net_change_find(&c->before, p->wishes.at[i].network);

		if (had) {
			after->networks.at[after->networks.len++] = *had;
			net_join_known(c->a, c->at->data, had, &c->all.at[i]);
			continue;
		}
		r = net_join_take(c->a, c->at, &p->wishes.at[i], after, &c->all.at[i], e);
		if (after->networks.len > i)
			after->networks.at[i].unfinished = true;
	}
	c->all.len = r ? 0 : p->wishes.len;
	return r || c->known ? r : net_etc_know(c->a, c->at->data, p, &c->all, after, e);
}

/* With those that are left behind the others. */
static void leave_rest(struct net_change *c)
{
	struct net_record *after = &c->after;

	for (size_t i = 0; i < c->before.networks.len; i++)
		if (!net_change_find(after, c->before.networks.at[i].network)) {
			after->networks.at[after->networks.len] = c->before.networks.at[i];
			after->networks.at[after->networks.len++].unfinished = true;
		}
}

bool net_change_is_new(const struct net_change *c, size_t i)
{
	return !net_change_find(&c->before, c->after.networks.at[i].network);
}

void net_change_release(const struct net_change *c, const struct net_attachment *t)
{
	struct net_record one = { .id = c->at->id, .bandwidth = c->before.bandwidth };

	one.networks.at = (struct net_attachment *)t;
	one.networks.len = 1;
	net_lease_release(c->a, c->at->data, &one);
	net_limits_drop(&one);
}

void net_change_undo(struct net_change *c)
{
	for (size_t i = 0; i < c->after.networks.len; i++)
		if (net_change_is_new(c, i))
			net_change_release(c, &c->after.networks.at[i]);
	if (c->written && c->known)
		(void)net_record_write(c->a, c->at->data, &c->before, NULL);
	else if (c->written)
		(void)net_record_delete(c->a, c->at->data, c->at->id, NULL);
}

bool net_change_is_unfinished(const struct net_record *r)
{
	for (size_t i = 0; i < r->networks.len; i++)
		if (r->networks.at[i].unfinished)
			return true;
	return false;
}

/* As the container is now: new networks, but neither ports nor targets in them. */
static int write_begun(struct net_change *c, struct err *e)
{
	struct net_record now = c->after;

	if (!net_change_is_unfinished(&now))
		return 0;
	c->written = true;
	now.ports = c->before.ports;
	now.target = c->before.target;
	now.target6 = c->before.target6;
	return net_record_write(c->a, c->at->data, &now, e);
}

int net_change_start(struct arena *a, const struct net_plan *p, const struct net_place *at, struct net_change *c, struct err *e)
{
	int r;

	*c = (struct net_change){ .a = a, .plan = p, .at = at };
	r = net_change_look(c, e);
	if (r)
		return r;
	know_all(c);
	r = take_all(c, e);
	leave_rest(c);
	net_choose_routes(&c->all);
	if (!r)
		r = net_choose_targets(a, &c->all, &c->after, e);
	if (!r)
		r = net_rules_check(a, at->data, &c->after, e);
	if (!r)
		r = net_occupied(a, &c->after, &c->before, e);
	if (!r)
		r = write_begun(c, e);
	if (r)
		net_change_undo(c);
	return r;
}
