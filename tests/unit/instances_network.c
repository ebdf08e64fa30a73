/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --network and --publish: what is said, and what is none. */
#include "instances/network.h"

#include <netinet/in.h>

#include "unit.h"

static int parse(struct arena *a, const char *network, const char *port, struct inst_network *out, struct err *e)
{
	const char **networks = arena_array(a, 2, sizeof(*networks)), **ports = arena_array(a, 2, sizeof(*ports));
	struct inst_options o = { .networks = { networks, network != NULL }, .ports = { ports, port != NULL } };

	networks[0] = network;
	ports[0] = port;
	return inst_network_parse(a, &o, out, e);
}

static void networks(void **state)
{
	auto_arena a = { 0 };
	struct inst_network n;

	(void)state;
	assert_int_equal(parse(&a, NULL, "80", &n, NULL), 0);
	assert_true(!n.host && !n.of && n.networks.len == 1);
	assert_string_equal(n.networks.at[0].name, "kist0");
	assert_int_equal(parse(&a, "container:web", NULL, &n, NULL), 0);
	assert_true(!n.host && !n.networks.len);
	assert_string_equal(n.of, "web");
	assert_int_equal(parse(&a, "none", NULL, &n, NULL), 0);
	assert_true(!n.host && !n.networks.len);
	assert_int_equal(parse(&a, "host", NULL, &n, NULL), 0);
	assert_true(n.host && !n.networks.len);
	assert_int_equal(parse(&a, "lan:ip=10.0.0.5/24,ip6=fd00::5,mac=02:00:00:00:00:01,ifname=lan0", NULL, &n, NULL), 0);
	assert_int_equal(n.networks.len, 1);
	assert_string_equal(n.networks.at[0].name, "lan");
	assert_string_equal(n.networks.at[0].address, "10.0.0.5/24");
	assert_string_equal(n.networks.at[0].address6, "fd00::5");
	assert_string_equal(n.networks.at[0].mac, "02:00:00:00:00:01");
	assert_string_equal(n.networks.at[0].interface, "lan0");
}

static void ports(void **state)
{
	static const struct {
		const char *given, *address;
		unsigned host, end, container;
		int protocol;
	} rows[] = {
		{ "80", NULL, 80, 0, 80, IPPROTO_TCP },
		{ "8080:80", NULL, 8080, 0, 80, IPPROTO_TCP },
		{ "53:5353/udp", NULL, 53, 0, 5353, IPPROTO_UDP },
		{ "8000-8010:80/sctp", NULL, 8000, 8010, 80, IPPROTO_SCTP },
		{ "8000-8010:65525", NULL, 8000, 8010, 65525, IPPROTO_TCP },
		{ "8000-8010:9000-9010", NULL, 8000, 8010, 9000, IPPROTO_TCP },
		{ "80-80:81-81/udp", NULL, 80, 0, 81, IPPROTO_UDP },
		{ "8000-8010", NULL, 8000, 8010, 8000, IPPROTO_TCP },
		{ "192.0.2.1:53", "192.0.2.1", 53, 0, 53, IPPROTO_TCP },
		{ "192.0.2.1:53:54/udp", "192.0.2.1", 53, 0, 54, IPPROTO_UDP },
		{ "0.0.0.0:8000:80", "0.0.0.0", 8000, 0, 80, IPPROTO_TCP },
		{ "[::]:8000-8010:80/udp", "::", 8000, 8010, 80, IPPROTO_UDP },
		{ "[2001:db8::1]:53:54", "2001:db8::1", 53, 0, 54, IPPROTO_TCP },
	};
	auto_arena a = { 0 };
	struct inst_network n;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct oci_kist_port *p;

		assert_int_equal(parse(&a, "lan", rows[i].given, &n, NULL), 0);
		p = &n.ports.at[0];
		assert_int_equal(p->host, rows[i].host);
		assert_int_equal(p->end ? *p->end : 0, rows[i].end);
		assert_int_equal(p->container, rows[i].container);
		assert_int_equal(p->protocol, rows[i].protocol);
		assert_true(rows[i].address ? p->address && !strcmp(p->address, rows[i].address) : !p->address);
	}
}

static void refuses(void **state)
{
	static const char *const bad_networks[] = { "", "../x", "lan:ip", "lan:ip=", "lan:speed=1", "lan:i=1", ":ip=10.0.0.1",
						    "container:", "container:a/b" };
	static const char *const bad_ports[] = { "",	    "0",	  "65536",  "a",     "80:",	   ":80",  "80:90:100", "80/icmp",
						 "80/",	    "90-80",	  "80-",    "-80",   "1.2.3:80",   "[::1]80", "[::1:80", "80:80-90", "::80",
						 "8000-8010:65526",
						 "8 0:80", "8000-8010:9000-9011", "80-81:81-80", "80-81:82-", "1.2.3.4:80:" };
	static const char *const without[] = { "host", "none", "container:web" };
	auto_arena a = { 0 };
	struct inst_network n;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad_networks); i++) {
		assert_int_equal(parse(&a, bad_networks[i], NULL, &n, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "option --network"));
	}
	for (size_t i = 0; i < COUNT(bad_ports); i++) {
		assert_int_equal(parse(&a, "lan", bad_ports[i], &n, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "option --publish"));
	}
	for (size_t i = 0; i < COUNT(without); i++) {
		assert_int_equal(parse(&a, without[i], "80", &n, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "no network of its own"));
	}
}

static void exclude_each_other(void **state)
{
	const char *rows[][2] = { { "host", "none" }, { "lan", "host" }, { "none", "lan" }, { "container:a", "lan" }, { "container:a", "container:b" } };
	auto_arena a = { 0 };
	struct inst_network n;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct inst_options o = { .networks = { rows[i], 2 } };

		assert_int_equal(inst_network_parse(&a, &o, &n, NULL), -EINVAL);
	}
}

static void short_forms(void **state)
{
	const char *two[] = { "lan", "back" }, *said[] = { "lan:ip=10.0.0.5" }, *shared[] = { "container:web" };
	const struct {
		struct inst_options o;
		const char *says;
	} rows[] = {
		{ { .ip = "10.0.0.5", .networks = { two, 2 } }, "with several networks" },
		{ { .ip = "10.0.0.5", .networks = { said, 1 } }, "says the same" },
		{ { .mac = "02:00:00:00:00:01", .networks = { shared, 1 } }, "no network of its own" },
	};
	struct inst_options only = { .ip = "10.0.0.5", .ip6 = "fd00::5", .mac = "02:00:00:00:00:01" };
	auto_arena a = { 0 };
	struct inst_network n;
	struct err e;

	(void)state;
	assert_int_equal(inst_network_parse(&a, &only, &n, NULL), 0);
	assert_string_equal(n.networks.at[0].name, "kist0");
	assert_string_equal(n.networks.at[0].address, "10.0.0.5");
	assert_string_equal(n.networks.at[0].address6, "fd00::5");
	assert_string_equal(n.networks.at[0].mac, "02:00:00:00:00:01");
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(inst_network_parse(&a, &rows[i].o, &n, &e), -EINVAL);
		assert_non_null(strstr(e.msg, rows[i].says));
	}
}

static void bandwidths(void **state)
{
	const char *host[] = { "host" };
	const struct {
		struct inst_options o;
		const char *says;
	} rows[] = {
		{ { .bandwidth = { .in = "fast" } }, "option --bandwidth-in \"fast\": expected" },
		{ { .bandwidth = { .in = "1mbit", .out = "none" } }, "option --bandwidth-out \"none\": expected" },
		{ { .bandwidth = { .out = "1mbit" }, .networks = { host, 1 } }, "option --bandwidth-out: the instance has no network of its own" },
	};
	struct inst_options both = { .bandwidth = { "100mbit", "20mbit" } }, neither = { .bandwidth = { NULL, NULL } };
	auto_arena a = { 0 };
	struct inst_network n;
	struct err e;

	(void)state;
	assert_int_equal(inst_network_parse(&a, &both, &n, NULL), 0);
	assert_string_equal(n.bandwidth->in, "100mbit");
	assert_string_equal(n.bandwidth->out, "20mbit");
	assert_int_equal(inst_network_parse(&a, &neither, &n, NULL), 0);
	assert_null(n.bandwidth);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(inst_network_parse(&a, &rows[i].o, &n, &e), -EINVAL);
		assert_non_null(strstr(e.msg, rows[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks),
		cmocka_unit_test(ports),
		cmocka_unit_test(refuses),
		cmocka_unit_test(short_forms),
		cmocka_unit_test(exclude_each_other),
		cmocka_unit_test(bandwidths),
	};

	return RUN(tests);
}
