/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/phys.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

/* From now on it is known by a note alone: the record's end would take it for away when the next one has it. */
static int bring_back(struct arena *a, int data, struct net_record *dead, struct err *e)
{
	int r = net_phys_return(a, data, dead, e);

	for (size_t i = 0; i < dead->networks.len; i++)
		dead->networks.at[i].taken = NULL;
	return r < 0 ? r : net_record_write(a, data, dead, e);
}

static bool has_taken(const struct net_record *r, const char *interface)
{
	for (size_t i = 0; i < r->networks.len; i++)
		if (r->networks.at[i].taken && !strcmp(r->networks.at[i].taken->name, interface))
			return true;
	return false;
}

/* Of the dead the interface is there again, or comes now. */
static int refuse_used(struct arena *a, const struct net_place *at, const char *interface, struct err *e)
{
	net_records all;
	const char *boot;
	int r = net_boot_id(a, &boot, e);

	if (!r)
		r = net_record_list(a, at->data, &all, e);
	for (size_t i = 0; !r && i < all.len; i++) {
		if (!has_taken(&all.at[i], interface))
			continue;
		if (net_record_lives(&all.at[i], boot))
			return err_set(e, EBUSY, "container %s has the interface %s, which is for one at a time", all.at[i].id, interface);
		r = bring_back(a, at->data, &all.at[i], e);
	}
	if (!r)
		r = net_phys_settle(a, at->data, NULL, interface, e);
	return r <= 0 ? r : err_set(e, EAGAIN, "the interface %s has not come back from the container that had it: something keeps the network "
				    "namespace of that one", interface);
}

struct way {
	int index;
	bool leads_out;
};

static int take_route(void *data, unsigned type, struct nl_span body)
{
	struct way *w = data;
	struct nl_span by[RTA_OIF + 1];
	struct rtmsg head;

	if (type != RTM_NEWROUTE || body.len < sizeof(head))
		return -EPROTO;
	memcpy(&head, body.at, sizeof(head));
	nl_index(nl_after(body, sizeof(head)), by, RTA_OIF + 1);
	w->leads_out |= !head.rtm_dst_len && head.rtm_type == RTN_UNICAST && (int)nl_u32(by[RTA_OIF]) == w->index;
	return 0;
}

static int refuse_needed(struct nl *host, const struct net_network *n, const struct net_link *l, struct err *e)
{
	struct rtmsg head = { .rtm_family = AF_UNSPEC };
	struct way w = { .index = l->index };
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	int r;

	if (*l->kind || l->flags & IFF_LOOPBACK)
		return err_set(e, EINVAL, "%s, the interface of the network %s, is no hardware but made by software (%s), which the kernel deletes together with a "
			       "container: macvlan and ipvlan share it", n->interface, n->name, *l->kind ? l->kind : "loopback");
	if (l->master)
		return err_set(e, EBUSY, "%s, the interface of the network %s, is part of a bridge or a bond of the host", n->interface, n->name);
	nl_begin(&m, RTM_GETROUTE, NLM_F_DUMP, &head, sizeof(head));
	r = nl_list(host, &m, take_route, &w, NULL);
	if (r)
		return nl_fail(host, r, e, "read the routes of the host");
	return w.leads_out ? err_set(e, EBUSY, "%s, the interface of the network %s, has the default route of this host, which would be cut off", n->interface,
				     n->name) : 0;
}

static struct net_cidr cidr_of(const struct net_addr *a)
{
	struct net_cidr c = { .ip.family = a->family, .prefix = a->prefix };

	memcpy(c.ip.at, a->local, sizeof(c.ip.at));
	return c;
}

static void keep(struct arena *a, const struct net_link *l, const net_addrs *addrs, struct net_phys *out)
{
	struct net_taken *t = arena_alloc(a, sizeof(*t));
	struct strv texts = { .arena = a };

	out->addresses.at = arena_array(a, addrs->len, sizeof(*out->addresses.at));
	for (size_t i = 0; i < addrs->len; i++) {
		out->addresses.at[i] = cidr_of(&addrs->at[i]);
		strv_add(&texts, net_cidr_text(a, &out->addresses.at[i]));
	}
	out->addresses.len = addrs->len;
	memcpy(out->mac, l->mac, NET_MAC);
	*t = (struct net_taken){ .name = arena_strdup(a, l->name), .hardware = net_mac_text(a, l->hardware), .mac = net_mac_text(a, l->mac),
				 .up = l->flags & IFF_UP, .addresses = { texts.at, texts.len } };
	out->taken = t;
}

int net_phys_look(struct arena *a, const struct net_place *at, const struct net_network *n, struct net_phys *out, struct err *e)
{
	auto_nl host = NL_NONE;
	struct net_link l;
	net_addrs addrs;
	int r = refuse_used(a, at, n->interface, e);

	if (!r)
		r = nl_open(NETLINK_ROUTE, -1, &host, e);
	if (r)
		return r;
	r = net_link_find(&host, n->interface, &l);
	if (!r)
		r = net_addr_list(a, &host, l.index, &addrs);
	if (r)
		return nl_fail(&host, r, e, "look at the interface %s of the network %s", n->interface, n->name);
	r = refuse_needed(&host, n, &l, e);
	if (!r)
		keep(a, &l, &addrs, out);
	return r;
}

int net_phys_give(struct nl *host, const struct net_network *n, const struct net_link *on, const struct net_port *p, struct err *e)
{
	int r = net_link_move(host, on->index, p->netns, p->name);

	return r ? nl_fail(host, r, e, "move %s, the interface of the network %s, into the container", n->interface, n->name) : 0;
}
