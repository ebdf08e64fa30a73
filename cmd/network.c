/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kist network: what changes something; network_show.c has what shows it. */
#include "cmd/network.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fd.h"
#include "instances/compose.h"
#include "net/link.h"
#include "net/manage.h"
#include "net/repair.h"
#include "storage/store.h"

/* The data directory, locked until the end of the verb. */
struct place {
	struct st_store store;
	int lock;
};
#define PLACE_NONE { ST_NONE, -1 }

static void place_done(struct place *p)
{
	fd_done(&p->lock);
	st_done(&p->store);
}
#define auto_place __attribute__((cleanup(place_done))) struct place

static int open_place(const struct call *c, struct place *out, struct err *e)
{
	int r = st_open(c->ctx.arena, c->data, true, &out->store, e);

	if (r)
		return r;
	out->lock = st_lock(&out->store, "networks", true, e);
	return out->lock < 0 ? out->lock : 0;
}

/* --- create */

struct create_network {
	const char *interface, *mode, *subnet, *gateway, *range, *subnet6, *gateway6, *range6;
	int kind;
	bool foreign, internal;
	const uint64_t *mtu, *vlan;
	strings labels;
};

static const struct opt create_rows[] = {
	O_WORD(struct create_network, kind, 'd', "driver", "KIND", net_kind_words, "a bridge of the host, interfaces that share one of the host's, or the host's itself, for one instance at a time"),
	O_STR(struct create_network, interface, 'i', "interface", "NAME", COMPLETE_NONE,
	      "the bridge (default: br-NETWORK, or br- and a number when that is too long), or the host's interface that macvlan and ipvlan share and phys takes"),
	O_STR(struct create_network, mode, 0, "mode", "MODE", COMPLETE_NONE,
	      "of macvlan: bridge (default), private or vepa; of ipvlan: l2 (default), l3 or l3s, where the host routes and nothing is broadcast"),
	O_U64(struct create_network, vlan, "vlan", "ID",
	      "of the bridge only this VLAN, 1 to 4094, without tags inside; of a shared interface its part INTERFACE.ID, made on first use"),
	O_FLAG(struct create_network, foreign, 0, "existing", "the bridge is there, and kist leaves it, its addresses and its firewall alone; without --gateway its instances get no default route from kist"),
	O_STR(struct create_network, subnet, 0, "subnet", "SUBNET", COMPLETE_NONE,
	      "IPv4 addresses, such as 10.20.0.0/24 (default: for a bridge of kist's some that this host does not know)"),
	O_STR(struct create_network, gateway, 0, "gateway", "ADDRESS", COMPLETE_NONE, "the way out (default: none; a bridge of kist's itself, by the first address)"),
	O_STR(struct create_network, range, 0, "ip-range", "SUBNET", COMPLETE_NONE,
	      "instances get addresses of this part of the subnet, unless they ask for others: what DHCP or people give away in the rest stays theirs"),
	O_STR(struct create_network, subnet6, 0, "subnet6", "SUBNET", COMPLETE_NONE, "IPv6 addresses, such as fd12:3456::/64"),
	O_STR(struct create_network, gateway6, 0, "gateway6", "ADDRESS", COMPLETE_NONE, "the same for IPv6"),
	O_STR(struct create_network, range6, 0, "ip-range6", "SUBNET", COMPLETE_NONE, "the same for IPv6"),
	O_FLAG(struct create_network, internal, 0, "internal", "no way out, and none in: its members reach each other and the host"),
	O_U64(struct create_network, mtu, "mtu", "BYTES", "the largest packet, 1280 to 65535"),
	O_LIST(struct create_network, labels, 'l', "label", "KEY=VALUE", "a note for people and programs (any number of times)"),
};

static int number(struct arena *a, const char *option, const uint64_t *given, uint32_t least, uint32_t most, const uint32_t **out, struct err *e)
{
	uint32_t *v = arena_alloc(a, sizeof(*v));

	if (!given)
		return 0;
	if (*given < least || *given > most)
		return err_set(e, EINVAL, "option --%s: expected %u to %u", option, least, most);
	*v = (uint32_t)*given;
	*out = v;
	return 0;
}

/* A name that is too long for an interface gives a number. */
static const char *bridge_of(struct arena *a, const char *name)
{
	const char *bridge = strcmp(name, NET_DEFAULT) != 0 ? arena_printf(a, "br-%s", name) : NET_DEFAULT;

	return strlen(bridge) < NET_NAME ? bridge : arena_printf(a, "br-%012" PRIx64, net_hash(name, "bridge") >> 16);
}

static int fill(struct arena *a, const struct create_network *o, const char *name, struct net_network *n, struct err *e)
{
	int r;

	*n = (struct net_network){ .name = name, .kind = o->kind, .foreign = o->foreign, .interface = o->interface, .subnet = o->subnet,
				   .gateway = o->gateway, .range = o->range, .subnet6 = o->subnet6, .gateway6 = o->gateway6,
				   .range6 = o->range6, .internal = o->internal,
				   .mode = o->mode };
	if (!n->interface && (o->kind != NET_BRIDGE || o->foreign))
		return err_set(e, EINVAL, "option --interface is missing: it says which interface of the host the network is on");
	if (!n->interface)
		n->interface = bridge_of(a, name);
	r = number(a, "mtu", o->mtu, 1280, 65535, &n->mtu, e);
	if (!r)
		r = number(a, "vlan", o->vlan, 1, 4094, &n->vlan, e);
	return r ? r : inst_pairs(a, "label", &o->labels, &n->labels, e);
}

static int create(struct call *c, struct err *e)
{
	auto_place p = PLACE_NONE;
	struct net_network n;
	int r = fill(c->ctx.arena, c->opts, c->args.at[0], &n, e);

	if (!r)
		r = open_place(c, &p, e);
	return r ? r : net_define(c->ctx.arena, p.store.dir, &n, e);
}

static const struct verb verb_create_network = {
	.name = "create",
	.group = "network",
	.summary = "define a network",
	.detail = "Its bridge is made when the first instance comes into it. Instances of one network reach each other and the host; "
		  "of two networks they reach each other's published ports alone. The network kist0 is made on first use and "
		  "needs no create.",
	.operands = { { "NETWORK", COMPLETE_NONE } },
	.examples = {
		{ "kist network create --subnet 10.20.0.0/24 --subnet6 fd12:3456::/64 lan", "Both families." },
		{ "kist network create --driver macvlan --interface eth0 --subnet 192.0.2.0/24 --gateway 192.0.2.1 --ip-range 192.0.2.192/26 house",
		  "Instances with addresses of the network that eth0 is in, from 192.0.2.192 on." },
		{ "kist network create --existing --interface br0 --vlan 20 --subnet 192.0.2.0/24 --gateway 192.0.2.1 phones",
		  "Instances in VLAN 20 of the bridge br0." },
	},
	OPTS(struct create_network, create_rows),
	.run = create,
};

/* --- remove, repair, check */

static int remove_all(struct call *c, struct err *e)
{
	auto_place p = PLACE_NONE;
	int r = open_place(c, &p, e);

	for (int i = 0; i < c->args.n && !r; i++)
		r = net_undefine(c->ctx.arena, p.store.dir, c->args.at[i], e);
	return r;
}

static const struct verb verb_remove_network = {
	.name = "remove",
	.group = "network",
	.summary = "remove networks that nobody is in",
	.detail = "With its bridge, unless that is somebody else's.",
	.operands = { { "NETWORK...", COMPLETE_NETWORK } },
	.examples = { { "kist network remove lan", "Remove it." } },
	.run = remove_all,
};

static int repair(struct call *c, struct err *e)
{
	auto_place p = PLACE_NONE;
	int r = open_place(c, &p, e);

	return r ? r : net_repair(c->ctx.arena, p.store.dir, e);
}

static const struct verb verb_repair_network = {
	.name = "repair",
	.group = "network",
	.summary = "make the firewall as it should be",
	.detail = "Makes the table \"inet kist\" again in one step, with the routing rules and the forwarding that belong to it, mends bridges of kist's that "
		  "have lost their addresses or ports, and gives back the "
		  "addresses and names of containers that ended without notice. After a foreign \"nft flush ruleset\" nothing passes until this, or "
		  "the start of an instance, has repaired it.",
	.examples = { { "kist network repair", "After a reload of the host's firewall." } },
	.run = repair,
};

static int check(struct call *c, struct err *e)
{
	auto_place p = PLACE_NONE;
	struct text t = { .arena = c->ctx.arena };
	strings found;
	int r = open_place(c, &p, e);

	if (!r)
		r = net_check(c->ctx.arena, p.store.dir, &found, e);
	if (r)
		return r;
	for (size_t i = 0; i < found.len; i++)
		text_add(&t, "%s\n", found.at[i]);
	c->code = found.len > 0;
	return verb_print(text_str(&t), e);
}

static const struct verb verb_check_network = {
	.name = "check",
	.group = "network",
	.summary = "say what stands in the way of networks on this host",
	.detail = "One line for each thing, and exit code 1; nothing and 0 when all is well.",
	.examples = { { "kist network check", "Look." } },
	.run = check,
};

static const struct verb *const subs[] = { &verb_create_network, &verb_list_networks,  &verb_inspect_networks, &verb_connect_network, &verb_disconnect_network, &verb_remove_network,
					   &verb_repair_network, &verb_check_network, NULL };

const struct verb verb_network = {
	.name = "network",
	.summary = "define, list, repair and remove networks",
	.detail = "Instances come into a network by \"kist run --network NETWORK\", and into kist0 when nothing is said. With "
		  "\"--network container:NAME\" an instance has the interfaces, addresses and ports of another one for its own, as long as "
		  "both run; its ports below 1024 it can open when the other one was made with \"--sysctl "
		  "net.ipv4.ip_unprivileged_port_start=0\", for the network belongs to the other's user namespace.\n\n"
		  "Networks are kept apart; the members of one are on the same wire. One that has CAP_NET_RAW or CAP_NET_ADMIN, which an "
		  "instance has only by --cap-add, can pose as its neighbours there, or as the gateway: who is not to be trusted so gets a "
		  "network of its own. Where kist's own bridge has IPv6, nobody is believed who says there that he is a router; on "
		  "bridges of others, macvlan, ipvlan and phys the routers of the LAN are.\n\n"
		  "kist passes on what comes by the interfaces that the host has when a bridge is made. Clients that come by one which was plugged in "
		  "later, a card or a VPN, reach no published port until \"kist network repair\"; \"kist network check\" names it.\n\n"
		  "The members of a network have each other in /etc/hosts, current as they come and go: by instance name, by host name and "
		  "its first label, and by aliases. A name that several have leads to the one who came first, an instance's own name "
		  "to itself; an instance sees the names of its own networks and no others. Whoever mounts a file of his own on /etc/hosts, "
		  "/etc/hostname or /etc/resolv.conf keeps it. /etc/resolv.conf is made from the host's at each start, without nameservers "
		  "on the loopback (for systemd-resolved's stub: with those that it asks), and is the same where all networks are "
		  "internal: asking fails there at once. kist itself answers on no port.\n\n"
		  "A host has one firewall table \"inet kist\", and its comment names the data directory (--data) that it belongs to. "
		  "Another one is refused as long as that one has networks that kist made, or instances. The table may be saved with those of the "
		  "host (nft list ruleset) and loaded at boot: the next start or repair makes it as it should be.",
	.operands = GROUP_OPERANDS,
	.examples = { { "kist network create lan", "A network named lan." }, { "kist network list", "All of them." },
		      { "kist run --rm -it --network container:dns1 debian", "A shell in the network of dns1." } },
	.subs = subs,
};
