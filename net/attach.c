/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation.  First everything is looked up and the addresses are taken; then the record is written, so that whatever
 * happens the leases can be told from stale ones; then the interfaces are made.
 */
#include "net/attach.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "net/bridge.h"
#include "net/conntrack.h"
#include "net/lease.h"
#include "net/manage.h"
#include "net/rules.h"

struct joining {
	const struct net_wish *wish;
	struct net_network network;
	struct net_port port;
	struct net_inside inside;
};

struct attaching {
	struct arena *a;
	const struct net_plan *plan;
	const struct net_place *at;
	struct net_record record;
	struct joining *all; /* one for each wish */
};

static int find_network(struct attaching *t, const char *name, struct net_network *out, struct err *e)
{
	struct err said = { 0 };
	int r = net_network_read(t->a, t->at->data, name, out, &said);

	if (r == -ENOENT && !strcmp(name, NET_DEFAULT)) {
		*out = (struct net_network){ .name = NET_DEFAULT, .interface = NET_DEFAULT, .kind = NET_BRIDGE };
		return net_define(t->a, t->at->data, out, e);
	}
	if (r && e)
		*e = said;
	return r;
}

static int take_address(struct attaching *t, const struct net_network *n, const struct net_range *range, const struct net_cidr *wish,
			struct net_cidr *out, const char **text, struct err *e)
{
	bool wished = wish->ip.family, whole = wish->prefix == 8 * net_ip_size(wish->ip.family);
	struct net_cidr got = { .prefix = range->subnet.prefix };
	int r;

	if (!range->subnet.ip.family)
		return wished ? err_set(e, EINVAL, "the network %s has no subnet for the address %s", n->name, net_ip_text(t->a, &wish->ip)) : 0;
	if (wished && !whole && wish->prefix != range->subnet.prefix)
		return err_set(e, EINVAL, "%s does not fit the network %s, whose subnet is %s", net_cidr_text(t->a, wish), n->name,
			       net_cidr_text(t->a, &range->subnet));
	r = net_lease_take(t->a, t->at->data, n, range, &t->record, &wish->ip, &got.ip, e);
	if (r)
		return r;
	*text = net_cidr_text(t->a, &got);
	*out = got;
	return 0;
}

/* Stable for the same container of the same network on the same host, unless the document says one. */
static void choose_mac(const struct attaching *t, const struct joining *j, unsigned char mac[NET_MAC])
{
	uint64_t h = net_hash(j->network.name, t->at->id);

	mac[0] = 0x02; /* administered locally */
	memcpy(mac + 1, &h, NET_MAC - 1);
	if (j->wish->mac)
		memcpy(mac, j->wish->mac, NET_MAC);
}

/* The pair of a container's last run may not be gone yet: the name is of this run alone. */
static const char *host_name(const struct attaching *t, const struct joining *j)
{
	const char *run = arena_printf(t->a, "%s/%d/%" PRIu64, t->at->id, (int)t->at->pid, t->at->start);

	return arena_printf(t->a, NET_PAIR "%012" PRIx64, net_hash(j->network.name, run) >> 16);
}

/* What was taken stands in the record also when the rest fails. */
static int join(struct attaching *t, struct joining *j, struct err *e)
{
	struct net_network *n = &j->network;
	struct net_attachment *had = &t->record.networks.at[t->record.networks.len];
	int r = find_network(t, j->wish->network, n, e);

	if (r)
		return r;
	t->record.networks.len++;
	choose_mac(t, j, j->port.mac);
	j->port.netns = t->at->netns;
	j->port.name = j->inside.name = j->wish->interface;
	j->port.host_name = n->kind == NET_BRIDGE ? host_name(t, j) : NULL;
	*had = (struct net_attachment){ .network = n->name, .interface = j->port.name, .host_interface = j->port.host_name,
					.mac = net_mac_text(t->a, j->port.mac) };
	r = take_address(t, n, &n->v4, &j->wish->address, &j->inside.address, &had->address, e);
	return r ? r : take_address(t, n, &n->v6, &j->wish->address6, &j->inside.address6, &had->address6, e);
}

/* The first network with a way out has the default route; one for each family. */
static void choose_routes(struct attaching *t)
{
	bool has4 = false, has6 = false;

	for (size_t i = 0; i < t->plan->wishes.len; i++) {
		struct joining *j = &t->all[i];

		if (j->network.internal)
			continue;
		if (!has4 && j->network.v4.gateway.family)
			j->inside.gateway = j->network.v4.gateway;
		if (!has6 && j->network.v6.gateway.family)
			j->inside.gateway6 = j->network.v6.gateway;
		has4 |= j->inside.gateway.family;
		has6 |= j->inside.gateway6.family;
	}
}

/* Ports lead to the first address of each family that the firewall knows. */
static int choose_targets(struct attaching *t, struct err *e)
{
	for (size_t i = 0; i < t->plan->wishes.len; i++) {
		const struct joining *j = &t->all[i];

		if (!net_is_own(&j->network) || j->network.internal)
			continue;
		if (!t->record.target && j->inside.address.ip.family)
			t->record.target = net_ip_text(t->a, &j->inside.address.ip);
		if (!t->record.target6 && j->inside.address6.ip.family)
			t->record.target6 = net_ip_text(t->a, &j->inside.address6.ip);
	}
	if (!t->record.ports.len || t->record.target || t->record.target6)
		return 0;
	return err_set(e, EINVAL, "ports of the host cannot lead to container %s: none of its networks is a bridge of kist's with a way out", t->at->id);
}

static int make_interfaces(struct attaching *t, struct err *e)
{
	auto_nl host = NL_NONE;
	auto_nl inside = NL_NONE;
	bool fresh = false, own = false;
	int r = nl_open(NETLINK_ROUTE, -1, &host, e);

	if (!r)
		r = nl_open(NETLINK_ROUTE, t->at->netns, &inside, e);
	for (size_t i = 0; i < t->plan->wishes.len && r >= 0; i++) {
		struct joining *j = &t->all[i];
		struct net_link on;

		r = net_bridge_ensure(&host, &j->network, &on, e);
		fresh |= r > 0;
		own |= net_is_own(&j->network);
		if (r >= 0)
			r = net_port_make(&host, &j->network, &on, &j->port, e);
		if (r >= 0)
			r = net_inside_set(&inside, &j->inside, e);
	}
	if (r < 0 || !own)
		return r < 0 ? r : 0;
	r = net_rules_give(t->a, t->at->data, &t->record, fresh, e);
	if (!r)
		net_conntrack_forget(&t->record, true);
	return r;
}

int net_attach(struct arena *a, const struct net_plan *p, const struct net_place *at, struct err *e)
{
	struct attaching t = { .a = a, .plan = p, .at = at, .record = { .id = at->id, .pid = at->pid, .start = at->start } };
	int r = net_boot_id(a, &t.record.boot, e);

	t.all = arena_array(a, p->wishes.len, sizeof(*t.all));
	t.record.networks.at = arena_array(a, p->wishes.len, sizeof(*t.record.networks.at));
	t.record.ports.at = p->ports.at;
	t.record.ports.len = p->ports.len;
	for (size_t i = 0; i < p->wishes.len && !r; i++) {
		t.all[i].wish = &p->wishes.at[i];
		r = join(&t, &t.all[i], e);
	}
	choose_routes(&t);
	if (!r)
		r = choose_targets(&t, e);
	/* Also after a failure: what was taken so far is given back by it. */
	if (t.record.networks.len) {
		int w = net_record_write(a, at->data, &t.record, r ? NULL : e);

		r = r ? r : w;
	}
	if (!r)
		r = make_interfaces(&t, e);
	/* Ports that another has must not be taken from him when this is undone. */
	if (r && t.record.networks.len) {
		t.record.ports.len = 0;
		(void)net_record_write(a, at->data, &t.record, NULL);
	}
	return r;
}

int net_detach(struct arena *a, int data, const char *id, struct err *e)
{
	struct net_record record;
	int r = net_record_read(a, data, id, &record, e);

	if (r)
		return r == -ENOENT ? 0 : r;
	net_lease_release(a, data, &record);
	r = net_record_delete(a, data, id, e);
	if (!r)
		r = net_rules_take(a, data, &record, e);
	net_conntrack_forget(&record, false);
	return r;
}
