/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Definitions of networks: judged, written and read, and a subnet that is in nobody's way. */
#include "net/network.h"

#include "unit.h"

static struct net_network lan(void)
{
	return (struct net_network){ .name = "lan", .interface = "br-lan", .kind = NET_BRIDGE };
}

static void completes_what_is_absent(void **state)
{
	auto_arena a = { 0 };
	struct net_network n = lan();

	(void)state;
	n.subnet = "10.20.0.7/24";
	n.subnet6 = "fd00:5::9/64";
	assert_int_equal(net_network_judge(&a, &n, NULL), 0);
	assert_string_equal(n.subnet, "10.20.0.0/24");
	assert_string_equal(n.gateway, "10.20.0.1");
	assert_string_equal(n.subnet6, "fd00:5::/64");
	assert_string_equal(n.gateway6, "fd00:5::1");
	n = lan();
	n.foreign = true;
	n.subnet = "10.20.0.0/24";
	assert_int_equal(net_network_judge(&a, &n, NULL), 0);
	assert_null(n.gateway); /* whoever has that bridge knows */
}

static const uint32_t vlan = 20;

static void modes_and_vlans(void **state)
{
	struct net_network shared = { .name = "a", .interface = "eth0", .kind = NET_IPVLAN, .mode = "l3", .vlan = &vlan, .subnet = "10.0.0.0/24" },
			   bridge = { .name = "b", .interface = "br0", .foreign = true, .vlan = &vlan };
	auto_arena a = { 0 };

	(void)state;
	assert_int_equal(net_network_judge(&a, &shared, NULL), 0);
	assert_string_equal(shared.on, "eth0.20");
	assert_true(net_is_routed(&shared));
	assert_int_equal(shared.v4.gateway.family, AF_INET); /* a way out, without an address */
	assert_true(net_ip_is_none(&shared.v4.gateway));
	assert_int_equal(shared.v6.gateway.family, 0);
	assert_int_equal(net_network_judge(&a, &bridge, NULL), 0);
	assert_string_equal(bridge.on, "br0");
	for (const struct net_mode *m = net_modes; m->word; m++) {
		struct net_network n = { .name = "a", .interface = "x", .kind = m->kind, .mode = m->word };

		assert_int_equal(net_network_judge(&a, &n, NULL), 0);
		assert_int_equal(n.link_mode, m->link_mode);
	}
}

static void refuses_what_does_not_fit(void **state)
{
	static const struct {
		struct net_network n;
		const char *says;
	} rows[] = {
		{ { .name = "a/b", .interface = "x" }, "not a name for a network" },
		{ { .name = "", .interface = "x" }, "not a name for a network" },
		{ { .name = "a", .interface = "sixteen-letters-" }, "not the name of a network interface" },
		{ { .name = "a", .interface = "x", .subnet = "10.0.0.0/31" }, "not an IPv4 subnet" },
		{ { .name = "a", .interface = "x", .subnet = "fd00::/64" }, "not an IPv4 subnet" },
		{ { .name = "a", .interface = "x", .subnet6 = "10.0.0.0/8" }, "not an IPv6 subnet" },
		{ { .name = "a", .interface = "x", .subnet = "10.0.0.0/24", .gateway = "10.0.1.1" }, "not an address of the subnet" },
		{ { .name = "a", .interface = "x", .subnet = "10.0.0.0/24", .gateway = "10.0.0.255" }, "not an address of the subnet" },
		{ { .name = "a", .interface = "all" }, "not the name of a network interface" },
		{ { .name = "a", .interface = "x", .subnet = "224.1.0.0/24" }, "overlaps 224.0.0.0/4" },
		{ { .name = "a", .interface = "x", .subnet = "0.0.0.0/0" }, "overlaps 127.0.0.0/8" },
		{ { .name = "a", .interface = "x", .subnet6 = "fe80::/64" }, "overlaps fe80::/10" },
		{ { .name = "a", .interface = "x", .gateway = "10.0.0.1" }, "the gateway 10.0.0.1 has no subnet" },
		{ { .name = "a", .interface = "x", .range = "10.0.0.0/25" }, "the range 10.0.0.0/25 has no subnet" },
		{ { .name = "a", .interface = "x", .subnet = "10.0.0.0/24", .range = "10.0.0.0/23" }, "is not a part of the subnet 10.0.0.0/24" },
		{ { .name = "a", .interface = "x", .subnet = "10.0.0.0/24", .range = "10.0.1.0/25" }, "is not a part of the subnet 10.0.0.0/24" },
		{ { .name = "a", .interface = "x", .subnet6 = "fd00::/64", .range6 = "10.0.0.0/25" }, "is not a part of the subnet fd00::/64" },
		{ { .name = "a", .interface = "x", .kind = NET_MACVLAN, .foreign = true }, "only a bridge" },
		{ { .name = "a", .interface = "x", .mode = "l2" }, "has no mode \"l2\"" },
		{ { .name = "a", .interface = "x", .kind = NET_MACVLAN, .mode = "l2" }, "one of bridge, private, vepa" },
		{ { .name = "a", .interface = "x", .kind = NET_IPVLAN, .mode = "l3", .subnet = "10.0.0.0/24", .gateway = "10.0.0.1" },
		  "there is no gateway" },
		{ { .name = "a", .interface = "x", .kind = NET_PHYS, .vlan = &vlan }, "neither mtu nor vlan" },
		{ { .name = "a", .interface = "thirteen-long", .kind = NET_IPVLAN, .vlan = &vlan }, "too long" },
	};
	auto_arena a = { 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_network n = rows[i].n;

		assert_int_equal(net_network_judge(&a, &n, &e), -EINVAL);
		assert_non_null(strstr(e.msg, rows[i].says));
	}
}

static void whose_an_interface_is(void **state)
{
	(void)state;
	assert_true(net_is_named("kv0123456789ab", NET_PAIR));
	assert_true(net_is_named("kb0123456789ab", NET_SHAPER));
	assert_false(net_is_named("kb0123456789ab", NET_PAIR));
	assert_false(net_is_named("kvmbr0", NET_PAIR));
	assert_false(net_is_named("kbr0", NET_SHAPER));
	assert_false(net_is_named("kv0123456789abc", NET_PAIR));
	assert_false(net_is_named("kv0123456789aX", NET_PAIR));
}

static void writes_reads_and_lists(void **state)
{
	auto_scratch s = scratch_make();
	auto_arena a = { 0 };
	struct net_network n = lan(), back;
	net_networks all;
	struct err e;

	(void)state;
	assert_int_equal(net_network_list(&a, s.fd, &all, NULL), 0);
	assert_int_equal(all.len, 0);
	assert_int_equal(net_network_read(&a, s.fd, "lan", &back, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "there is no network \"lan\""));
	assert_int_equal(net_network_read(&a, s.fd, "../lan", &back, &e), -ENOENT);
	n.subnet = "10.20.0.0/24";
	assert_int_equal(net_network_judge(&a, &n, NULL), 0);
	assert_int_equal(net_network_write(&a, s.fd, &n, NULL), 0);
	n.name = "dmz";
	assert_int_equal(net_network_write(&a, s.fd, &n, NULL), 0);
	assert_int_equal(net_network_read(&a, s.fd, "lan", &back, NULL), 0);
	assert_string_equal(back.gateway, "10.20.0.1");
	assert_int_equal(back.v4.subnet.prefix, 24);
	assert_int_equal(net_network_list(&a, s.fd, &all, NULL), 0);
	assert_int_equal(all.len, 2);
	assert_string_equal(all.at[0].name, "dmz");
	assert_int_equal(net_network_delete(s.fd, "dmz", NULL), 0);
	assert_int_equal(net_network_list(&a, s.fd, &all, NULL), 0);
	assert_int_equal(all.len, 1);
}

static void a_file_of_another_name_is_none(void **state)
{
	auto_scratch s = scratch_make();
	auto_arena a = { 0 };
	struct net_network n;
	struct err e;

	(void)state;
	assert_int_equal(mkdirat(s.fd, "networks", 0700), 0);
	scratch_write(&s, "networks/lan.json", "{\"name\": \"dmz\", \"kind\": \"bridge\", \"interface\": \"x\"}");
	assert_int_equal(net_network_read(&a, s.fd, "lan", &n, &e), -EINVAL);
	assert_string_equal(e.msg, "networks/lan.json of the data directory: the name in it is \"dmz\"");
	scratch_write(&s, "networks/lan.json", "{\"name\": \"lan\", \"kind\": \"token-ring\", \"interface\": \"x\"}");
	assert_int_equal(net_network_read(&a, s.fd, "lan", &n, &e), -EINVAL);
}

static struct net_cidr cidr(const char *text)
{
	struct net_cidr c;

	assert_true(net_cidr_parse(text, &c));
	return c;
}

static void chooses_a_free_subnet(void **state)
{
	struct net_cidr at[] = { cidr("10.89.0.0/16"), cidr("10.90.0.77/24"), cidr("0.0.0.0/32"), cidr("fd00::/8"), cidr("10.0.0.0/8"),
				 cidr("192.168.89.0/24"), cidr("192.168.0.0/16"), cidr("172.16.0.0/12") };
	net_cidrs none = { NULL, 0 }, some = { at, 4 }, company = { at, 6 }, companies = { at, 7 }, all = { at, 8 };
	auto_arena a = { 0 };
	struct net_cidr c;

	(void)state;
	assert_int_equal(net_choose_subnet(&none, &c, NULL), 0);
	assert_string_equal(net_cidr_text(&a, &c), "10.89.0.0/24");
	assert_int_equal(net_choose_subnet(&some, &c, NULL), 0);
	assert_string_equal(net_cidr_text(&a, &c), "10.91.0.0/24");
	assert_int_equal(net_choose_subnet(&company, &c, NULL), 0);
	assert_string_equal(net_cidr_text(&a, &c), "192.168.90.0/24");
	assert_int_equal(net_choose_subnet(&companies, &c, NULL), 0);
	assert_string_equal(net_cidr_text(&a, &c), "172.31.89.0/24");
	assert_int_equal(net_choose_subnet(&all, &c, NULL), -EADDRNOTAVAIL);
}

static void finds_the_clash(void **state)
{
	auto_arena a = { 0 };
	struct net_network n = lan();
	net_networks all = { &n, 1 };
	struct net_cidr in = cidr("10.20.0.128/25"), out = cidr("10.21.0.0/24"), six = cidr("fd00::/64");

	(void)state;
	n.subnet = "10.20.0.0/24";
	assert_int_equal(net_network_judge(&a, &n, NULL), 0);
	assert_ptr_equal(net_network_clash(&all, &in), &n);
	assert_null(net_network_clash(&all, &out));
	assert_null(net_network_clash(&all, &six));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completes_what_is_absent),
		cmocka_unit_test(modes_and_vlans),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(whose_an_interface_is),
		cmocka_unit_test(writes_reads_and_lists),
		cmocka_unit_test(a_file_of_another_name_is_none),
		cmocka_unit_test(chooses_a_free_subnet),
		cmocka_unit_test(finds_the_clash),
	};

	return RUN(tests);
}
