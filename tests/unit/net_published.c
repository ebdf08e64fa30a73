/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which packets a published port is about, and which ports are in each other's way. */
#include "net/published.h"

#include <netinet/in.h>

#include "unit.h"

static struct oci_kist_port port_of(const char *address, int protocol, uint32_t host, const uint32_t *end)
{
	return (struct oci_kist_port){ .host = host, .end = end, .container = 80, .protocol = protocol, .address = address };
}

static void addresses(void **state)
{
	static const struct {
		const char *at, *to;
		bool has;
	} rows[] = {
		{ NULL, "192.0.2.1", true },	{ NULL, "2001:db8::1", true },	    { "0.0.0.0", "192.0.2.1", true },
		{ "0.0.0.0", "::1", false },	{ "0.0.0.0", "0.0.0.0", true },     { "::", "2001:db8::1", true },
		{ "::", "192.0.2.1", false },	{ "192.0.2.1", "192.0.2.1", true }, { "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1", "0.0.0.0", false },  { "::ffff:192.0.2.1", "192.0.2.1", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct oci_kist_port p = port_of(rows[i].at, IPPROTO_TCP, 80, NULL);
		struct net_ip to;

		assert_true(net_ip_parse(rows[i].to, &to));
		assert_int_equal(net_published_has(&p, &to), rows[i].has);
		assert_true(!rows[i].has || net_published_in(&p, to.family));
	}
}

static void in_each_others_way(void **state)
{
	static const uint32_t last = 8010;
	const struct {
		struct oci_kist_port x, y;
		bool overlap, same;
	} rows[] = {
		{ port_of(NULL, IPPROTO_TCP, 80, NULL), port_of(NULL, IPPROTO_TCP, 80, NULL), true, true },
		{ port_of(NULL, IPPROTO_TCP, 80, NULL), port_of(NULL, IPPROTO_UDP, 80, NULL), false, false },
		{ port_of(NULL, IPPROTO_TCP, 80, NULL), port_of("0.0.0.0", IPPROTO_TCP, 80, NULL), true, false },
		{ port_of(NULL, IPPROTO_TCP, 80, NULL), port_of("::", IPPROTO_TCP, 80, NULL), true, false },
		{ port_of("0.0.0.0", IPPROTO_TCP, 80, NULL), port_of("0.0.0.0", IPPROTO_TCP, 80, NULL), true, true },
		{ port_of("0.0.0.0", IPPROTO_TCP, 80, NULL), port_of("::", IPPROTO_TCP, 80, NULL), false, false },
		{ port_of("0.0.0.0", IPPROTO_TCP, 80, NULL), port_of("192.0.2.1", IPPROTO_TCP, 80, NULL), false, false },
		{ port_of(NULL, IPPROTO_TCP, 80, NULL), port_of("::1", IPPROTO_TCP, 80, NULL), false, false },
		{ port_of("2001:db8::1", IPPROTO_TCP, 80, NULL), port_of("2001:DB8:0::1", IPPROTO_TCP, 80, NULL), true, true },
		{ port_of(NULL, IPPROTO_TCP, 8000, &last), port_of("::", IPPROTO_TCP, 8010, NULL), true, false },
		{ port_of("::", IPPROTO_TCP, 8000, &last), port_of("::", IPPROTO_TCP, 8011, NULL), false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(net_published_overlap(&rows[i].x, &rows[i].y), rows[i].overlap);
		assert_int_equal(net_published_overlap(&rows[i].y, &rows[i].x), rows[i].overlap);
		assert_int_equal(net_published_same(&rows[i].x, &rows[i].y), rows[i].same);
	}
}

static int plan(struct arena *a, struct oci_kist_port *ports, size_t n, net_ports *out, struct err *e)
{
	struct oci_kist_network lan = { .name = "lan" };
	struct oci_kist k = { .networks = { &lan, 1 } };

	k.ports.at = ports;
	k.ports.len = n;
	return net_published_plan(a, &k, out, e);
}

static void planned(void **state)
{
	struct oci_kist_port good[] = { port_of("0.0.0.0", IPPROTO_TCP, 80, NULL), port_of("0::0", IPPROTO_TCP, 80, NULL),
					port_of("::ffff:192.0.2.1", IPPROTO_TCP, 80, NULL) };
	struct oci_kist_port twice[] = { port_of("::", IPPROTO_UDP, 53, NULL), port_of(NULL, IPPROTO_UDP, 53, NULL) };
	struct oci_kist_port none = port_of("localhost", IPPROTO_TCP, 80, NULL), own = port_of("::1", IPPROTO_TCP, 80, NULL);
	auto_arena a = { 0 };
	net_ports out;
	struct err e;

	(void)state;
	assert_int_equal(plan(&a, good, 3, &out, NULL), 0);
	assert_int_equal(out.len, 3);
	assert_string_equal(out.at[0].address, "0.0.0.0");
	assert_string_equal(out.at[1].address, "::");
	assert_string_equal(out.at[2].address, "192.0.2.1");
	assert_int_equal(plan(&a, twice, 2, &out, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "port 53 of the host is given twice"));
	assert_int_equal(plan(&a, &none, 1, &out, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "\"localhost\" is not an address"));
	assert_int_equal(plan(&a, &own, 1, &out, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "not at ::1"));
	own.address = "::ffff:127.0.0.53";
	assert_int_equal(plan(&a, &own, 1, &out, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "not at ::ffff:127.0.0.53"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(in_each_others_way),
		cmocka_unit_test(planned),
	};

	return RUN(tests);
}
