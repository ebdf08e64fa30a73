/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What change.c has begun takes effect: see there. */
#include <errno.h>

#include "net/change_parts.h"
#include "net/conntrack.h"
#include "net/members.h"
#include "net/published.h"
#include "net/rules.h"

static int make_new(struct net_change *c, struct nl *host, struct nl *inside, struct err *e)
{
	bool fresh = false;

	for (size_t i = 0; i < c->all.len; i++) {
		struct net_join j = c->all.at[i];
		int r;

		if (!net_change_is_new(c, i))
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

static void take_back(struct net_change *c, struct nl *host, struct nl *inside)
{
	for (size_t i = 0; i < c->all.len; i++)
		if (net_change_is_new(c, i))
			(void)net_port_remove(host, inside, &c->all.at[i].network, &c->all.at[i].port, NULL);
	net_change_undo(c);
	if (net_joins_own(&c->had))
		(void)net_rules_make(c->a, c->at->data, NULL);
}

static bool needs_rules(const struct net_change *c)
{
	return net_joins_own(&c->all) || net_joins_own(&c->had);
}

static int change_rules(struct net_change *c, struct net_table *table, bool fresh, struct err *e)
{
	int r;

	for (size_t i = 0; i < c->all.len; i++)
		c->after.networks.at[i].unfinished = false;
	c->written = true;
	r = net_record_write(c->a, c->at->data, &c->after, e);
	if (r || !needs_rules(c))
		return r;
	return net_rules_change(c->a, c->at->data, table, &c->before, &c->after, fresh, e);
}

/* Those of x that y has not, and nothing else that x has but their targets. */
static struct net_record ports_less(struct arena *a, const struct net_record *x, const struct net_record *y)
{
	struct net_record out = { .id = x->id, .target = x->target, .target6 = x->target6 };

	out.ports.at = arena_array(a, x->ports.len, sizeof(*out.ports.at));
	for (size_t i = 0; i < x->ports.len; i++) {
		size_t k = 0;

		while (k < y->ports.len && (x->ports.at[i].container != y->ports.at[k].container ||
					    !net_published_same(&x->ports.at[i], &y->ports.at[k])))
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
	ips = net_rules_talked(c->a, c->at->data, &ips);
	net_conntrack_forget(&ips);
	if (gone.ports.len)
		net_conntrack_close(&gone);
}

static const struct net_join *had(const struct net_change *c, const char *network)
{
	const struct net_attachment *t = net_change_find(&c->before, network);

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
		net_change_release(c, t);
	}
	c->after.networks.len = c->all.len;
	/* Which of them had the default route is not known of a change that was killed. */
	for (size_t i = 0; i < c->all.len; i++)
		(void)net_inside_route(inside, &c->all.at[i].inside, false, NULL);
	return net_record_write(c->a, c->at->data, &c->after, e);
}

int net_change_do(struct net_change *c, struct err *e)
{
	auto_nl host = NL_NONE;
	auto_nl inside = NL_NONE;
	auto_table table = TABLE_NONE;
	int r = needs_rules(c) ? net_table_look(c->a, c->at->data, &table, e) : 0;

	if (!r)
		r = nl_open(NETLINK_ROUTE, -1, &host, e);
	if (!r)
		r = nl_open(NETLINK_ROUTE, c->at->netns, &inside, e);
	if (!r)
		r = make_new(c, &host, &inside, e);
	if (r >= 0)
		r = change_rules(c, &table, r > 0, e);
	if (r) {
		take_back(c, &host, &inside);
		return r;
	}
	move_routes(c, &inside);
	forget_flows(c);
	net_members_change(c->a, c->at->data, &c->before, &c->after);
	return leave_old(c, &host, &inside, e);
}
