/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kist network connect and disconnect. */
#include "cmd/network.h"

#include <errno.h>

#include "instances/change.h"
#include "instances/names.h"
#include "instances/network.h"

struct connect {
	const char *ip, *ip6, *mac;
	strings aliases;
};

static const struct opt connect_rows[] = {
	O_STR(struct connect, ip, 0, "ip", "ADDRESS", COMPLETE_NONE, "this IPv4 address (default: a free one, the same each time if it is free)"),
	O_STR(struct connect, ip6, 0, "ip6", "ADDRESS", COMPLETE_NONE, "the same for IPv6"),
	O_STR(struct connect, mac, 0, "mac-address", "MAC", COMPLETE_NONE, "this MAC address (default: one that stays the same)"),
	O_LIST(struct connect, aliases, 0, "alias", "NAME", "one more name for the other members of the network (any number of times)"),
};

/* What --network of "kist run" takes, but for what is no network. */
static int connect_one(struct call *c, struct err *e)
{
	const struct connect *o = c->opts;
	struct inst_options options = { .ip = o->ip, .ip6 = o->ip6, .mac = o->mac, .aliases = o->aliases };
	struct ct_change x = { 0 };
	struct inst_network n;
	int r;

	options.networks.at = (const char **)c->args.at;
	options.networks.len = 1;
	r = inst_network_parse(c->ctx.arena, &options, &n, e);
	if (!r)
		r = inst_names_judge(c->ctx.arena, &options, &n, e);
	if (!r && n.networks.len != 1)
		r = err_set(e, EINVAL, "\"%s\" is no network that a container could be connected to", c->args.at[0]);
	if (r)
		return r;
	x.net.connect = n.networks.at;
	return inst_update(&c->ctx, c->data, c->args.at[1], &x, e);
}

const struct verb verb_connect_network = {
	.name = "connect",
	.group = "network",
	.summary = "bring a container into one network more",
	.detail = "At once, when it runs: an interface appears in it, with an address, and with the default route when it has none. "
		  "An instance is in the network at every later start, too; one that does not run from its next start on. NETWORK may "
		  "have the settings that --network of \"kist run\" has, such as lan:ip=10.20.0.53,ifname=lan0.",
	.operands = { { "NETWORK[:KEY=VALUE,...]", COMPLETE_NETWORK }, { "ID", COMPLETE_CONTAINER } },
	.examples = {
		{ "kist network connect lan dns1", "dns1 is in the network lan as well." },
		{ "kist network connect --ip 10.20.0.53 lan dns1", "With this address." },
	},
	OPTS(struct connect, connect_rows),
	.run = connect_one,
};

static int disconnect(struct call *c, struct err *e)
{
	struct ct_change x = { 0 };

	x.net.disconnect = c->args.at[0];
	return inst_update(&c->ctx, c->data, c->args.at[1], &x, e);
}

const struct verb verb_disconnect_network = {
	.name = "disconnect",
	.group = "network",
	.summary = "take a container out of a network",
	.detail = "Its interface there is gone, its address free. Had it the default route, another of its networks has it now; did "
		  "published ports lead there, they lead to another; where there is none for one of them it is refused.",
	.operands = { { "NETWORK", COMPLETE_NETWORK }, { "ID", COMPLETE_CONTAINER } },
	.examples = { { "kist network disconnect lan dns1", "dns1 is in its other networks only." } },
	.run = disconnect,
};
