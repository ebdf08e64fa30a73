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
#include "net/change.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "net/bandwidth.h"
#include "net/choose.h"
#include "net/conntrack.h"
#include "net/etc.h"
#include "net/members.h"
#include "net/occupied.h"
#include "net/rules.h"

static struct net_attachment *find(const struct net_record *r, const char *network)
{
	for (size_t i = 0; i < r->networks.len; i++)
		if (!strcmp(r->networks.at[i].network, network))
			return &r->networks.at[i];
	return NULL;
}

/* Of a run that has ended it is none of this container's. */
static int read_record(struct net_change *c, struct err *e)
{
	struct net_record *b = &c->before;
	const char *boot;
	int r = net_boot_id(c->a, &boot, e);

	if (!r)
		r = net_record_read(c->a, c->at->data, c->at->id, b, e);
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
		const struct net_attachment *had = find(&c->before, p->wishes.at[i].network);

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
		if (!find(after, c->before.networks.at[i].network)) {
			after->networks.at[after->networks.len] = c->before.networks.at[i];
			after->networks.at[after->networks.len++].unfinished = true;
		}
}

static bool is_new(const struct net_change *c, size_t i)
{
	return !find(&c->before, c->after.networks.at[i].network);
}

static void release(const struct net_change *c, const struct net_attachment *t)
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
		if (is_new(c, i))
			release(c, &c->after.networks.at[i]);
	if (c->written && c->known)
		(void)net_record_write(c->a, c->at->data, &c->before, NULL);
	else if (c->written)
		(void)net_record_delete(c->a, c->at->data, c->at->id, NULL);
}

static bool is_unfinished(const struct net_record *r)
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

	if (!is_unfinished(&now))
		return 0;
	c->written = true;
	now.ports = c->before.ports;
	now.target = c->before.target;
	now.target6 = c->before.target6;
	return net_record_write(c->a, c->at->data, &now, e);
}

static int begin(struct arena *a, const struct net_plan *p, const struct net_place *at, struct net_change *c, struct err *e)
{
	int r;

	*c = (struct net_change){ .a = a, .plan = p, .at = at };
	r = read_record(c, e);
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

/* --- do */

static int make_new(struct net_change *c, struct nl *host, struct nl *inside, struct err *e)
{
	bool fresh = false;

	for (size_t i = 0; i < c->all.len; i++) {
		struct net_join j = c->all.at[i];
		int r;

		if (!is_new(c, i))
			continue;
		j.inside.gateway.family = j.inside.gateway6.family = 0;
		r = net_join_make(host, inside, &j, e);
		fresh |= r > 0;
		if (r >= 0)
			r = net_inside_route(inside, &c->all.at[i].inside, false, e);
		net_port_await(host, &j.port);
		if (r < 0)
			return r;
	}
	return fresh;
}

static bool any_own(const net_joins *l)
{
	for (size_t i = 0; i < l->len; i++)
		if (net_is_own(&l->at[i].network))
			return true;
	return false;
}

static void take_back(struct net_change *c, struct nl *host, struct nl *inside)
{
	for (size_t i = 0; i < c->all.len; i++)
		if (is_new(c, i))
			(void)net_port_remove(host, inside, &c->all.at[i].network, &c->all.at[i].port, NULL);
	net_change_undo(c);
	if (any_own(&c->had))
		(void)net_rules_make(c->a, c->at->data, NULL);
}

static int change_rules(struct net_change *c, bool fresh, struct err *e)
{
	int r;

	for (size_t i = 0; i < c->all.len; i++)
		c->after.networks.at[i].unfinished = false;
	c->written = true;
	r = net_record_write(c->a, c->at->data, &c->after, e);
	if (r || !(any_own(&c->all) || any_own(&c->had)))
		return r;
	return net_rules_change(c->a, c->at->data, &c->before, &c->after, fresh, e);
}

static bool is_same(const struct oci_kist_port *x, const struct oci_kist_port *y)
{
	return net_ports_overlap(x, y) && x->host == y->host && x->container == y->container &&
	       (x->end ? *x->end : x->host) == (y->end ? *y->end : y->host);
}

/* Those of x that y has not, and nothing else that x has but their targets. */
static struct net_record ports_less(struct arena *a, const struct net_record *x, const struct net_record *y)
{
	struct net_record out = { .id = x->id, .target = x->target, .target6 = x->target6 };

	out.ports.at = arena_array(a, x->ports.len, sizeof(*out.ports.at));
	for (size_t i = 0; i < x->ports.len; i++) {
		size_t k = 0;

		while (k < y->ports.len && !is_same(&x->ports.at[i], &y->ports.at[k]))
			k++;
		if (k == y->ports.len)
			out.ports.at[out.ports.len++] = x->ports.at[i];
	}
	return out;
}

/* What was remembered of an address that is left, and of flows by ports that are no more. */
static void forget_flows(const struct net_change *c)
{
	struct net_record gone = ports_less(c->a, &c->before, &c->after), left = { 0 };
	net_ips ips;

	left.networks.at = c->after.networks.at + c->all.len;
	left.networks.len = c->after.networks.len - c->all.len;
	ips = net_record_ips(c->a, &left);
	ips = net_rules_talked(c->a, &ips);
	net_conntrack_forget(&ips);
	if (gone.ports.len)
		net_conntrack_close(&gone);
}

static const struct net_join *had(const struct net_change *c, const char *network)
{
	const struct net_attachment *t = find(&c->before, network);

	return t ? &c->had.at[t - c->before.networks.at] : NULL;
}

/* What root of the container has done to its own addresses must not keep it in a network: a route that cannot be is none. */
static void move_routes(const struct net_change *c, struct nl *inside)
{
	for (size_t i = 0; i < c->all.len; i++) {
		const struct net_join *was = had(c, c->after.networks.at[i].network);
		struct net_inside now = c->all.at[i].inside;

		if (!was)
			continue;
		if (was->inside.gateway.family)
			now.gateway.family = 0;
		if (was->inside.gateway6.family)
			now.gateway6.family = 0;
		(void)net_inside_route(inside, &now, true, NULL);
	}
}

static int leave_old(struct net_change *c, struct nl *host, struct nl *inside, struct err *e)
{
	size_t n = c->after.networks.len;

	if (n == c->all.len)
		return 0;
	for (size_t i = c->all.len; i < n; i++) {
		const struct net_attachment *t = &c->after.networks.at[i];
		const struct net_join *j = had(c, t->network);
		int r = net_port_remove(host, inside, &j->network, &j->port, e);

		if (r)
			return r;
		release(c, t);
	}
	c->after.networks.len = c->all.len;
	return net_record_write(c->a, c->at->data, &c->after, e);
}

int net_change_do(struct net_change *c, struct err *e)
{
	auto_nl host = NL_NONE;
	auto_nl inside = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &host, e);

	if (!r)
		r = nl_open(NETLINK_ROUTE, c->at->netns, &inside, e);
	if (!r)
		r = make_new(c, &host, &inside, e);
	if (r >= 0)
		r = change_rules(c, r > 0, e);
	if (r) {
		take_back(c, &host, &inside);
		return r;
	}
	move_routes(c, &inside);
	forget_flows(c);
	net_members_change(c->a, c->at->data, &c->before, &c->after);
	return leave_old(c, &host, &inside, e);
}

/* --- what was killed */

/* As if a change wanted what is finished; ports that have nowhere to lead any more lead nowhere. */
static int finish(struct arena *a, const struct net_record *r, const struct net_place *at, struct err *e)
{
	struct net_plan p = { 0 };
	struct net_change c;
	struct err said = { 0 };
	int rc;

	p.wishes.at = arena_array(a, r->networks.len, sizeof(*p.wishes.at));
	for (size_t i = 0; i < r->networks.len; i++)
		if (!r->networks.at[i].unfinished)
			p.wishes.at[p.wishes.len++] = (struct net_wish){ .network = r->networks.at[i].network };
	p.ports.at = r->ports.at;
	p.ports.len = r->ports.len;
	rc = begin(a, &p, at, &c, &said);
	if (rc == -EINVAL && p.ports.len) {
		p.ports.len = 0;
		rc = begin(a, &p, at, &c, e);
	} else if (rc && e) {
		*e = said;
	}
	return rc ? rc : net_change_do(&c, e);
}

int net_change_begin(struct arena *a, const struct net_plan *p, const struct net_place *at, struct net_change *out, struct err *e)
{
	struct net_change look = { .a = a, .at = at };
	int r = read_record(&look, e);

	if (!r && is_unfinished(&look.before))
		r = finish(a, &look.before, at, e);
	return r ? r : begin(a, p, at, out, e);
}

/* First the descriptor, then the proof that it is of the container's namespace. */
static int finish_one(struct arena *a, int data, const struct net_record *r, const char *boot, struct err *e)
{
	auto_fd netns = fd_open(AT_FDCWD, arena_printf(a, "/proc/%d/ns/net", (int)r->pid), O_RDONLY);
	struct net_place at = { .data = data, .id = r->id, .pid = (pid_t)r->pid, .start = r->start, .netns = netns };
	struct net_record own = *r;

	own.sharers.len = 0; /* who shares its network does not keep it alive */
	if (!net_record_lives(&own, boot))
		return 0;
	return netns < 0 ? err_num(e, netns, "open the network namespace of container %s", r->id) : finish(a, r, &at, e);
}

int net_change_finish(struct arena *a, int data, struct err *e)
{
	net_records all;
	const char *boot;
	int r = net_record_list(a, data, &all, e);

	if (!r)
		r = net_boot_id(a, &boot, e);
	for (size_t i = 0; i < all.len && !r; i++)
		if (is_unfinished(&all.at[i]))
			r = finish_one(a, data, &all.at[i], boot, e);
	return r;
}
