/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/network.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/files.h"

#define FOLDER "networks"

const struct word net_kind_words[] = { { "bridge", NET_BRIDGE }, { "macvlan", NET_MACVLAN }, { "ipvlan", NET_IPVLAN },
				      { "phys", NET_PHYS },     { NULL, 0 } };

const struct net_mode net_modes[] = {
	{ NET_MACVLAN, "bridge", MACVLAN_MODE_BRIDGE },
	{ NET_MACVLAN, "private", MACVLAN_MODE_PRIVATE },
	{ NET_MACVLAN, "vepa", MACVLAN_MODE_VEPA },
	{ NET_IPVLAN, "l2", IPVLAN_MODE_L2 },
	{ NET_IPVLAN, "l3", IPVLAN_MODE_L3 },
	{ NET_IPVLAN, "l3s", IPVLAN_MODE_L3S },
	{ 0, NULL, 0 },
};

bool net_is_routed(const struct net_network *n)
{
	return n->kind == NET_IPVLAN && n->link_mode != IPVLAN_MODE_L2;
}

bool net_is_named(const char *interface, const char *beginning)
{
	size_t n = strlen(beginning);

	return !strncmp(interface, beginning, n) && strlen(interface + n) == 12 && strspn(interface + n, "0123456789abcdef") == 12;
}

#define S struct net_network
static const struct field fields[] = {
	F_STR(S, name, "name", REQUIRED),
	F_WORD(S, kind, "kind", REQUIRED, net_kind_words),
	F_STR(S, interface, "interface", REQUIRED),
	F_BOOL(S, foreign, "foreign", 0),
	F_STR(S, subnet, "subnet", 0),
	F_STR(S, gateway, "gateway", 0),
	F_STR(S, range, "range", 0),
	F_STR(S, subnet6, "subnet6", 0),
	F_STR(S, gateway6, "gateway6", 0),
	F_STR(S, range6, "range6", 0),
	F_STR(S, mode, "mode", 0),
	F_OPT_U32_IN(S, vlan, "vlan", 1, 4094),
	F_BOOL(S, internal, "internal", 0),
	F_OPT_U32_IN(S, mtu, "mtu", 1280, 65535),
	F_STR(S, created, "created", 0),
	F_MAP(S, labels, "labels"),
};
const struct object net_network_object = OBJECT(S, fields, NULL);
#undef S

bool net_any_own(const net_networks *all)
{
	for (size_t i = 0; i < all->len; i++)
		if (net_is_own(&all->at[i]))
			return true;
	return false;
}

/* Of one family. */
struct texts {
	int family;
	const char **subnet, **gateway, **range;
};

/* What it overlaps of what no interface can have; NULL: nothing. */
static const char *find_reserved(const struct net_cidr *subnet)
{
	static const char *const all[] = { "127.0.0.0/8", "224.0.0.0/4", "::1/128", "fe80::/10", "ff00::/8" };
	struct net_cidr c;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (net_cidr_parse(all[i], &c) && net_cidr_overlap(&c, subnet))
			return all[i];
	return NULL;
}

static int judge_subnet(struct arena *a, const struct texts *t, struct net_range *r, struct err *e)
{
	bool four = t->family == AF_INET;

	if (!net_cidr_parse(*t->subnet, &r->subnet) || r->subnet.ip.family != t->family || r->subnet.prefix > 8 * net_ip_size(t->family) - 2)
		return err_set(e, EINVAL, "\"%s\" is not %s subnet of at least four addresses, such as %s", *t->subnet, four ? "an IPv4" : "an IPv6",
			       four ? "10.20.0.0/24" : "fd12:3456::/64");
	r->subnet.ip = net_cidr_nth(&r->subnet, 0);
	*t->subnet = net_cidr_text(a, &r->subnet);
	if (find_reserved(&r->subnet))
		return err_set(e, EINVAL, "the subnet %s overlaps %s, which is for loopbacks, links or groups", *t->subnet, find_reserved(&r->subnet));
	return 0;
}

static int judge_lease(struct arena *a, const struct texts *t, struct net_range *r, struct err *e)
{
	r->lease = r->subnet;
	if (!*t->range)
		return 0;
	if (!net_cidr_parse(*t->range, &r->lease) || r->lease.prefix < r->subnet.prefix || !net_cidr_has(&r->subnet, &r->lease.ip))
		return err_set(e, EINVAL, "\"%s\" is not a part of the subnet %s", *t->range, *t->subnet);
	r->lease.ip = net_cidr_nth(&r->lease, 0);
	*t->range = net_cidr_text(a, &r->lease);
	return 0;
}

/* Without one of its own a network of kist's has its first address for it. */
static int judge_gateway(struct arena *a, const struct texts *t, bool chosen, struct net_range *r, struct err *e)
{
	if (*t->gateway && (!net_ip_parse(*t->gateway, &r->gateway) || !net_cidr_is_host(&r->subnet, &r->gateway)))
		return err_set(e, EINVAL, "the gateway \"%s\" is not an address of the subnet %s", *t->gateway, *t->subnet);
	if (!*t->gateway && chosen) {
		r->gateway = net_cidr_nth(&r->subnet, 1);
		*t->gateway = net_ip_text(a, &r->gateway);
	}
	return 0;
}

static int judge_range(struct arena *a, const struct texts *t, bool chosen, struct net_range *out, struct err *e)
{
	int r;

	*out = (struct net_range){ .subnet.prefix = 0 };
	if (!*t->subnet && (*t->gateway || *t->range))
		return err_set(e, EINVAL, "the %s %s has no subnet", *t->gateway ? "gateway" : "range", *t->gateway ? *t->gateway : *t->range);
	if (!*t->subnet)
		return 0;
	r = judge_subnet(a, t, out, e);
	if (!r)
		r = judge_lease(a, t, out, e);
	return r ? r : judge_gateway(a, t, chosen, out, e);
}

static int judge_mode(struct arena *a, struct net_network *n, struct err *e)
{
	struct text known = { .arena = a };

	for (const struct net_mode *m = net_modes; m->word; m++) {
		if (m->kind != n->kind)
			continue;
		if (!n->mode || !strcmp(n->mode, m->word))
			return n->link_mode = m->link_mode, 0;
		text_add(&known, "%s%s", known.len ? ", " : "", m->word);
	}
	if (!n->mode)
		return 0;
	return err_set(e, EINVAL, "a network of the kind %s has no mode \"%s\"%s%s", word_name(net_kind_words, n->kind), n->mode,
		       known.len ? ": expected one of " : "", text_str(&known));
}

static int judge_interface(struct arena *a, struct net_network *n, struct err *e)
{
	bool part = n->vlan && n->kind != NET_BRIDGE;

	if (!oci_is_link_name(n->interface) || strchr(n->interface, '%'))
		return err_set(e, EINVAL, "\"%s\" is not the name of a network interface: at most 15 characters, none a blank or of /:%%, and not \"all\" or \"default\"", n->interface);
	if (n->kind == NET_PHYS && (n->vlan || n->mtu))
		return err_set(e, EINVAL, "a network of the kind phys takes the interface as it is: it has neither mtu nor vlan");
	n->on = part ? arena_printf(a, "%s.%u", n->interface, *n->vlan) : n->interface;
	if (!oci_is_link_name(n->on))
		return err_set(e, EINVAL, "the interface for the VLAN would be named \"%s\", which is too long", n->on);
	return 0;
}

/* The other end of the container's interface is the host's routing table, which has no address there. */
static int judge_routed(struct net_network *n, struct err *e)
{
	if (!net_is_routed(n))
		return 0;
	if (n->gateway || n->gateway6)
		return err_set(e, EINVAL, "in the mode %s the host itself routes: there is no gateway", n->mode);
	n->v4.gateway.family = n->v4.subnet.ip.family;
	n->v6.gateway.family = n->v6.subnet.ip.family;
	return 0;
}

int net_network_judge(struct arena *a, struct net_network *n, struct err *e)
{
	const struct texts four = { AF_INET, &n->subnet, &n->gateway, &n->range }, six = { AF_INET6, &n->subnet6, &n->gateway6, &n->range6 };
	int r;

	if (!oci_is_name(n->name))
		return err_set(e, EINVAL, "\"%s\" is not a name for a network: letters, digits and _ . -, the first a letter or a digit", n->name);
	if (n->kind != NET_BRIDGE && n->foreign)
		return err_set(e, EINVAL, "only a bridge can be somebody else's");
	r = judge_interface(a, n, e);
	if (!r)
		r = judge_mode(a, n, e);
	if (!r)
		r = judge_range(a, &four, net_is_own(n), &n->v4, e);
	if (!r)
		r = judge_range(a, &six, net_is_own(n), &n->v6, e);
	return r ? r : judge_routed(n, e);
}

int net_network_read(struct arena *a, int data, const char *name, struct net_network *out, struct err *e)
{
	struct net_network n = { 0 };
	char *text;
	size_t len;
	int r = oci_is_name(name) ? net_file_read(a, data, FOLDER, name, &text, &len) : -ENOENT;

	if (r == -ENOENT)
		return err_set(e, ENOENT, "there is no network \"%s\": kist network list shows those that there are", name);
	if (r < 0)
		return err_num(e, r, "read the network %s", name);
	r = oci_decode_text(a, &net_network_object, name, text, len, &n, e);
	if (!r && strcmp(n.name, name) != 0)
		r = err_set(e, EINVAL, "the name in it is \"%s\"", n.name);
	if (!r)
		r = net_network_judge(a, &n, e);
	if (r)
		return err_in(e, r, FOLDER "/%s.json of the data directory", name);
	*out = n;
	return 0;
}

int net_network_write(struct arena *a, int data, const struct net_network *n, struct err *e)
{
	size_t len;
	const char *text = oci_encode_text(a, &net_network_object, n, JSON_PRETTY, &len);
	int r = net_file_put(a, data, FOLDER, n->name, text, len, FILE_DURABLE);

	return r < 0 ? err_num(e, r, "write the network %s", n->name) : 0;
}

int net_network_delete(int data, const char *name, struct err *e)
{
	auto_arena a = { 0 };
	int r = net_file_remove(&a, data, FOLDER, name);

	return r < 0 ? err_num(e, r, "remove the network %s", name) : 0;
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct net_network *)x)->name, ((const struct net_network *)y)->name);
}

int net_network_list(struct arena *a, int data, net_networks *out, struct err *e)
{
	strings names;
	int r = net_file_names(a, data, FOLDER, &names);
	net_networks l = { NULL, 0 };

	if (r < 0)
		return err_num(e, r, "read the directory " FOLDER " of the data directory");
	l.at = arena_array(a, names.len, sizeof(*l.at));
	for (size_t i = 0; i < names.len && !r; i++)
		if (oci_is_name(names.at[i]))
			r = net_network_read(a, data, names.at[i], &l.at[l.len++], e);
	if (!r && l.len)
		qsort(l.at, l.len, sizeof(*l.at), by_name);
	*out = l;
	return r;
}

static bool overlaps(const struct net_range *r, const struct net_cidr *subnet)
{
	return r->subnet.ip.family && net_cidr_overlap(&r->subnet, subnet);
}

const struct net_network *net_network_clash(const net_networks *all, const struct net_cidr *subnet)
{
	for (size_t i = 0; i < all->len; i++)
		if (overlaps(&all->at[i].v4, subnet) || overlaps(&all->at[i].v6, subnet))
			return &all->at[i];
	return NULL;
}

int net_choose_subnet(const net_cidrs *taken, struct net_cidr *out, struct err *e)
{
	/* Not 10.88.0.0/16, 172.17.0.0/16 and 192.168.0.0/20, which podman and docker take for themselves later on.  Where a company
	 * has all of the first, the next is free. */
	enum { FIRST = 89, LAST = 250 };
	static const struct {
		unsigned char begin[2];
		unsigned counts; /* which byte */
	} rows[] = { { { 10 }, 1 }, { { 192, 168 }, 2 }, { { 172, 31 }, 2 } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned n = FIRST; n <= LAST; n++) {
			struct net_cidr c = { { AF_INET, { rows[i].begin[0], rows[i].begin[1] } }, 24 };
			size_t k = 0;

			c.ip.at[rows[i].counts] = (unsigned char)n;
			while (k < taken->len && !net_cidr_overlap(&taken->at[k], &c))
				k++;
			if (k == taken->len)
				return *out = c, 0;
		}
	return err_set(e, EADDRNOTAVAIL, "this host has addresses in or routes to all the private subnets that kist would take: choose one with --subnet");
}
