/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --publish: what is accepted has ports within their bounds, and is, if a document may have it, in its own way and in no other's family. */
#include "fuzz.h"
#include "instances/network.h"
#include "net/published.h"

enum { LAST = 65535 };

static bool bounded(const struct oci_kist_port *p)
{
	uint32_t last = net_published_last(p);

	return p->host && p->container && last >= p->host && last <= LAST && p->container + (last - p->host) <= LAST;
}

static void judge(struct arena *a, struct oci_kist_port *port)
{
	struct oci_kist_network lan = { .name = "lan" };
	struct oci_kist k = { .networks = { &lan, 1 }, .ports = { port, 1 } };
	net_ports planned;
	struct net_ip at;

	if (net_published_plan(a, &k, &planned, NULL))
		return;
	at = net_published_at(&planned.at[0]);
	if (!net_published_same(&planned.at[0], port) || !net_published_overlap(&planned.at[0], port))
		abort();
	if (at.family && (!net_published_has(port, &at) || net_published_in(port, AF_INET) == net_published_in(port, AF_INET6)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	const char *text = arena_strndup(&a, (const char *)data, len);
	const strings given = { &text, 1 };
	inst_ports ports;

	if (inst_ports_parse(&a, "publish", &given, &ports, NULL))
		return 0;
	if (!bounded(&ports.at[0]))
		abort();
	judge(&a, &ports.at[0]);
	return 0;
}
