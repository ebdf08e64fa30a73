/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firewall table in the kernel: rules.h. */
#include <errno.h>
#include <string.h>

#include "net/conntrack.h"
#include "net/guard.h"
#include "net/loopback.h"
#include "net/nft.h"
#include "net/owner.h"
#include "net/phys.h"
#include "net/published.h"
#include "net/rules.h"
#include "net/sets.h"
#include "net/share.h"

void net_table_done(struct net_table *t)
{
	nl_done(&t->socket);
}

/* What cannot be asked for cannot be made either, which has a sentence for it. */
int net_table_look(struct arena *a, int data, struct net_table *t, struct err *e)
{
	struct net_owner o;
	int r = nl_open(NETLINK_NETFILTER, -1, &t->socket, e);

	if (r)
		return r;
	if (net_owner_look(a, &t->socket, data, &o))
		return 0;
	t->there = o.there;
	t->ours = o.ours;
	return net_owner_refuse(a, data, &o, e);
}

/* Only what is sure to be this data directory's. */
static bool look_for_ours(struct arena *a, struct nl *n, int data)
{
	struct net_owner o;

	return nl_open(NETLINK_NETFILTER, -1, n, NULL) == 0 && net_owner_look(a, n, data, &o) == 0 && o.ours;
}

int net_rules_refuse(struct arena *a, int data, struct err *e)
{
	auto_table t = TABLE_NONE;
	struct err said;
	int r = net_table_look(a, data, &t, &said);

	if (r == -EBUSY && e)
		*e = said;
	return r == -EBUSY ? r : 0;
}

static bool has_talked(struct arena *a, struct nl *n, const struct net_ip *ip)
{
	struct nl_msg ask = { .bytes.arena = a }, strike = { .bytes.arena = a };
	const struct nft_set *set;
	struct nft_element x = net_talked(ip, &set);

	nft_element_ask(&ask, set, &x);
	if (nl_talk(n, &ask, NULL, NULL) == -ENOENT)
		return false;
	nft_begin(&strike);
	nft_elements(&strike, set, NFT_MSG_DELSETELEM, &x, 1);
	nft_end(&strike);
	(void)nl_talk(n, &strike, NULL, NULL);
	return true;
}

net_ips net_rules_talked(struct arena *a, int data, const net_ips *all)
{
	net_ips some = { arena_array(a, all->len, sizeof(*some.at)), 0 };
	auto_nl n = NL_NONE;

	if (all->len && !look_for_ours(a, &n, data))
		return *all;
	for (size_t i = 0; i < all->len; i++)
		if (has_talked(a, &n, &all->at[i]))
			some.at[some.len++] = all->at[i];
	return some;
}

static int read_all(struct arena *a, int data, net_records *living, net_records *dead, struct err *e)
{
	const char *boot;
	net_records all;
	int r = net_boot_id(a, &boot, e);

	if (!r)
		r = net_record_list(a, data, &all, e);
	if (r)
		return r;
	*living = (net_records){ arena_array(a, all.len, sizeof(*all.at)), 0 };
	*dead = (net_records){ arena_array(a, all.len, sizeof(*all.at)), 0 };
	for (size_t i = 0; i < all.len; i++) {
		net_records *to = net_record_lives(&all.at[i], boot) ? living : dead;

		to->at[to->len++] = all.at[i];
	}
	return 0;
}

static net_ips ips_of(struct arena *a, const net_records *all)
{
	net_ips out = { NULL, 0 };

	for (size_t i = 0; i < all->len; i++) {
		net_ips ips = net_record_ips(a, &all->at[i]);

		for (size_t k = 0; k < ips.len; k++) {
			out.at = arena_grow(a, out.at, out.len, sizeof(*out.at));
			out.at[out.len++] = ips.at[k];
		}
	}
	return out;
}

/* Only when no port leads to their addresses any more: whoever is next to lease these must not be found by way of those. */
static int bury(struct arena *a, int data, const net_records *dead, const net_ips *talked, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < dead->len && rc >= 0; i++) {
		rc = net_phys_return(a, data, &dead->at[i], e);
		if (rc < 0)
			continue;
		net_cut_off(a, &dead->at[i]);
		net_lease_release(a, data, &dead->at[i]);
		rc = net_record_delete(a, data, dead->at[i].id, e);
	}
	net_conntrack_forget(talked);
	return rc < 0 ? rc : 0;
}

/* Nothing of ours is left to be kept open or closed: the host is as it was. */
static int end(struct arena *a, int data, struct nl *n, struct err *e)
{
	struct nl_msg m = { .bytes.arena = a };
	int r = net_guard_end(a, data, e);

	if (r)
		return r;
	net_rules_end(&m);
	r = nl_talk(n, &m, NULL, NULL);
	return r ? nl_fail(n, r, e, "remove the firewall table inet kist") : 0;
}

static int begin(struct arena *a, int data, struct nl *n, const net_networks *networks, const net_records *records, struct err *e)
{
	struct nl_msg m = { .bytes.arena = a };
	struct nft_note note;
	int r = net_owner_note(a, data, &note);

	if (r)
		return err_num(e, r, "stat the data directory");
	r = net_guard_set(a, data, networks, e); /* first: nothing is open before the table is there */
	if (r)
		return r;
	net_rules_put(&m, &note, networks, records, net_loopback_open(a, networks));
	r = nl_talk(n, &m, NULL, NULL);
	if (!r)
		net_owner_sign(a, data, networks);
	return r ? nl_fail(n, r, e, "make the firewall table inet kist") : 0;
}

/* Another data directory may be doing the same: each has a lock of its own. */
static int begin_anew(struct arena *a, int data, struct nl *n, const net_networks *networks, const net_records *records, struct err *e)
{
	struct nl_msg m = { .bytes.arena = a };
	int claimed = net_owner_claim(a, n, data);
	int r = claimed == -EEXIST ? net_rules_refuse(a, data, e) : 0;

	if (!r)
		r = begin(a, data, n, networks, records, e);
	if (!r || claimed)
		return r;
	net_rules_end(&m);
	(void)nl_talk(n, &m, NULL, NULL);
	return r;
}

/* Of another data directory's there is nothing that this one could have left there. */
static int make(struct arena *a, int data, const net_networks *networks, const net_records *living, struct err *e)
{
	auto_table t = TABLE_NONE;
	bool any = net_any_own(networks);
	struct err said;
	int r = net_table_look(a, data, &t, &said);

	if (r == -EBUSY && !any)
		return 0;
	if (r && e)
		*e = said;
	if (r)
		return r;
	if (!any)
		return end(a, data, &t.socket, e);
	return (t.there ? begin : begin_anew)(a, data, &t.socket, networks, living, e);
}

int net_rules_make(struct arena *a, int data, struct err *e)
{
	net_networks networks;
	net_records living, dead;
	net_ips talked;
	int r = net_network_list(a, data, &networks, e);

	if (!r)
		r = read_all(a, data, &living, &dead, e);
	if (r)
		return r;
	talked = ips_of(a, &dead);
	talked = net_rules_talked(a, data, &talked);
	r = make(a, data, &networks, &living, e);
	return r ? r : bury(a, data, &dead, &talked, e);
}

/* Which living container has one of the ports; NULL: none. */
static const struct net_record *find_holder(const net_records *all, const struct net_record *r, uint32_t *port)
{
	for (size_t i = 0; i < all->len; i++)
		for (size_t k = 0; k < all->at[i].ports.len && strcmp(all->at[i].id, r->id) != 0; k++)
			for (size_t n = 0; n < r->ports.len; n++)
				if (net_published_overlap(&all->at[i].ports.at[k], &r->ports.at[n])) {
					*port = r->ports.at[n].host;
					return &all->at[i];
				}
	return NULL;
}

int net_rules_check(struct arena *a, int data, const struct net_record *r, struct err *e)
{
	const struct net_record *holder;
	net_records living, dead;
	uint32_t port = 0;
	int rc = r->ports.len ? read_all(a, data, &living, &dead, e) : 0;

	if (rc || !r->ports.len)
		return rc;
	holder = find_holder(&living, r, &port);
	return holder ? err_set(e, EADDRINUSE, "port %u of the host leads to container %s already", port, holder->id) : 0;
}

/* A port is taken, or the table is not there or not what it should be: only the whole of it tells. */
static int make_or_explain(struct arena *a, int data, const struct net_record *r, struct err *e)
{
	int rc = net_rules_check(a, data, r, e);

	return rc ? rc : net_rules_make(a, data, e);
}

static const struct net_record *if_any(const struct net_record *r)
{
	return r && r->ports.len && (r->target || r->target6) ? r : NULL;
}

static int change(struct arena *a, struct nl *n, const struct net_record *take, const struct net_record *give)
{
	struct nl_msg m = { .bytes.arena = a };

	take = if_any(take);
	give = if_any(give);
	if (!(take || give))
		return 0;
	net_rules_ports(&m, take, give);
	return nl_talk(n, &m, NULL, NULL);
}

int net_rules_change(struct arena *a, int data, struct net_table *t, const struct net_record *had, const struct net_record *r, bool whole,
		     struct err *e)
{
	return !whole && t->ours && change(a, &t->socket, had, r) == 0 ? 0 : make_or_explain(a, data, r, e);
}

int net_rules_give(struct arena *a, int data, struct net_table *t, const struct net_record *r, bool whole, struct err *e)
{
	return net_rules_change(a, data, t, NULL, r, whole, e);
}

int net_rules_take(struct arena *a, int data, const struct net_record *r, struct err *e)
{
	struct net_record shut = *r;
	auto_nl n = NL_NONE;
	int rc;

	if (!r->ports.len || (look_for_ours(a, &n, data) && change(a, &n, r, NULL) == 0) || net_rules_refuse(a, data, NULL))
		return 0;
	shut.ports.len = 0;
	rc = net_record_write(a, data, &shut, e);
	return rc ? rc : net_rules_make(a, data, e);
}
