/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/phys.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "base/log.h"

/* Of the dead the interface is there again, or comes now. */
static int refuse_used(struct arena *a, const struct net_place *at, const char *interface, struct err *e)
{
	net_records all;
	const char *boot;
	int r = net_boot_id(a, &boot, e);

	if (!r)
		r = net_record_list(a, at->data, &all, e);
	for (size_t i = 0; !r && i < all.len; i++)
		for (size_t k = 0; k < all.at[i].networks.len && !r; k++) {
			const struct net_taken *t = all.at[i].networks.at[k].taken;

			if (!t || strcmp(t->name, interface) != 0)
				continue;
			if (net_record_lives(&all.at[i], boot))
				return err_set(e, EBUSY, "container %s has the interface %s, which is for one at a time", all.at[i].id, interface);
			r = net_phys_return(a, &all.at[i], e);
		}
	return r;
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
	r = nl_talk(host, &m, take_route, &w);
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

/* The kernel takes a namespace apart in its own time. */
static int await(struct nl *host, const unsigned char hardware[NET_MAC], struct net_link *out)
{
	const struct timespec a_while = { .tv_nsec = 10000000 };
	int r, tries = 300;

	while ((r = net_link_by_hardware(host, hardware, out)) == -ENODEV && --tries)
		(void)nanosleep(&a_while, NULL);
	return r;
}

static int restore(struct nl *host, const struct net_taken *t, const struct net_link *l)
{
	unsigned char mac[NET_MAC];
	int r = strcmp(l->name, t->name) != 0 ? net_link_rename(host, l->index, t->name) : 0;

	if (!r && net_mac_parse(t->mac, mac) && memcmp(mac, l->mac, NET_MAC) != 0)
		r = net_link_set_mac(host, l->index, mac);
	for (size_t i = 0; i < t->addresses.len && !r; i++) {
		struct net_cidr c;
		struct net_addr addr;

		if (!net_cidr_parse(t->addresses.at[i], &c))
			continue;
		addr = net_addr_of(&c);
		r = net_addr_add(host, l->index, &addr);
		r = r == -EEXIST ? 0 : r;
	}
	return r || !t->up ? r : net_link_up(host, l->index);
}

int net_phys_take_back(struct nl *host, struct nl *inside, const struct net_taken *t)
{
	auto_fd own = fd_open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY);
	unsigned char hardware[NET_MAC];
	struct net_link l;
	int r = net_mac_parse(t->hardware, hardware) ? net_link_by_hardware(inside, hardware, &l) : -ENODEV;

	if (!r)
		r = own < 0 ? own : net_link_move(inside, l.index, own, t->name);
	if (!r)
		r = net_link_find(host, t->name, &l);
	return r ? r : restore(host, t, &l);
}

static int return_one(struct nl *host, const struct net_attachment *at, const char *id, struct err *e)
{
	const struct net_taken *t = at->taken;
	unsigned char hardware[NET_MAC];
	struct net_link l;
	int r = net_mac_parse(t->hardware, hardware) ? await(host, hardware, &l) : -ENODEV;

	if (r == -ENODEV) {
		log_warn("the interface %s has not come back from container %s", t->name, id);
		return 0;
	}
	/* One that is up was set right already. */
	if (!r && (l.flags & IFF_UP) && !strcmp(l.name, t->name))
		return 0;
	if (!r)
		r = restore(host, t, &l);
	return r ? nl_fail(host, r, e, "make the interface %s what it was before container %s had it", t->name, id) : 0;
}

/* What the host has been booted with since needs nothing of this. */
int net_phys_return(struct arena *a, const struct net_record *r, struct err *e)
{
	auto_nl host = NL_NONE;
	const char *boot;
	int rc = 0;

	for (size_t i = 0; i < r->networks.len && !rc; i++) {
		if (!r->networks.at[i].taken)
			continue;
		if (host.fd < 0)
			rc = net_boot_id(a, &boot, e);
		if (!rc && strcmp(boot, r->boot) != 0)
			return 0;
		if (!rc && host.fd < 0)
			rc = nl_open(NETLINK_ROUTE, -1, &host, e);
		if (!rc)
			rc = return_one(&host, &r->networks.at[i], r->id, e);
	}
	return rc;
}
