/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/ip.h"

#include "unit.h"

static void reads_and_writes(void **state)
{
	static const char *const good[] = { "10.20.0.53/24", "0.0.0.0/0", "255.255.255.255/32", "fd00::1/64", "::/0", "2001:db8::ff/128" };
	static const char *const bad[] = { "",	       "10.0.0/8",   "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/+8", "10.0.0.1/8 ",
					   "::1/129", "fd00:::1/64", "eth0",	    "1.2.3.4.5", "010.0.0.1/8",
					   "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/8" };
	auto_arena a = { 0 };
	struct net_cidr c;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(net_cidr_parse(good[i], &c));
		assert_string_equal(net_cidr_text(&a, &c), good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(net_cidr_parse(bad[i], &c));
	assert_true(net_cidr_parse("10.0.0.1", &c) && c.prefix == 32);
	assert_true(net_cidr_parse("fd00::1", &c) && c.prefix == 128);
}

static struct net_cidr cidr(const char *text)
{
	struct net_cidr c;

	assert_true(net_cidr_parse(text, &c));
	return c;
}

static void subnets_hold_addresses(void **state)
{
	static const struct {
		const char *net, *ip;
		bool has, host;
	} rows[] = {
		{ "10.20.0.0/24", "10.20.0.53", true, true },  { "10.20.0.9/24", "10.20.0.0", true, false },
		{ "10.20.0.0/24", "10.20.0.255", true, false }, { "10.20.0.0/24", "10.20.1.0", false, false },
		{ "10.20.0.0/23", "10.20.1.255", true, false }, { "10.20.0.0/23", "10.20.0.255", true, true },
		{ "fd00:1::/64", "fd00:1::ffff:ffff:ffff:ffff", true, true }, { "fd00:1::/64", "fd00:1::", true, false },
		{ "fd00:1::/63", "fd00:1:0:1::5", true, true }, { "fd00:1::/64", "10.0.0.1", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_cidr net = cidr(rows[i].net), ip = cidr(rows[i].ip);

		assert_int_equal(net_cidr_has(&net, &ip.ip), rows[i].has);
		assert_int_equal(net_cidr_is_host(&net, &ip.ip), rows[i].host);
	}
}

static void subnets_overlap(void **state)
{
	struct net_cidr wide = cidr("10.0.0.0/8"), in = cidr("10.9.0.0/16"), out = cidr("11.0.0.0/16"), all = cidr("0.0.0.0/0"), six = cidr("::/0");

	(void)state;
	assert_true(net_cidr_overlap(&wide, &in) && net_cidr_overlap(&in, &wide) && net_cidr_overlap(&all, &out));
	assert_false(net_cidr_overlap(&wide, &out));
	assert_false(net_cidr_overlap(&all, &six));
}

static void counts_through_a_subnet(void **state)
{
	auto_arena a = { 0 };
	struct net_cidr four = cidr("10.20.7.9/22"), six = cidr("fd00::5/112");
	struct net_ip ip = net_cidr_nth(&four, 257);

	(void)state;
	assert_string_equal(net_ip_text(&a, &ip), "10.20.5.1");
	ip = net_cidr_nth(&six, 0x1234);
	assert_string_equal(net_ip_text(&a, &ip), "fd00::1234");
	assert_int_equal(net_cidr_count(&four), 1024);
	assert_int_equal(net_cidr_count(&six), 65536);
	six = cidr("fd00::/64");
	assert_true(net_cidr_count(&six) == 1ULL << 32);
}

static void what_follows_on_a_subnet(void **state)
{
	static const struct {
		const char *subnet, *after;
	} rows[] = {
		{ "10.20.7.9/22", "10.20.8.0" },  { "10.20.255.0/24", "10.21.0.0" }, { "10.0.0.1/32", "10.0.0.2" }, { "255.255.255.0/24", NULL },
		{ "0.0.0.0/0", NULL },		  { "fd00:0:0:ffff::/64", "fd00:0:1::" }, { "ff00::/8", NULL },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_cidr c = cidr(rows[i].subnet);
		struct net_ip ip;

		assert_int_equal(net_cidr_after(&c, &ip), rows[i].after != NULL);
		if (rows[i].after)
			assert_string_equal(net_ip_text(&a, &ip), rows[i].after);
	}
}

static void macs(void **state)
{
	static const char *const bad[] = { "", "02:00:00:00:00", "02:00:00:00:00:0g", "01:00:00:00:00:00", "02-00-00-00-00-00", "2:0:0:0:0:0:0:0:0", "02:00:00:00:00:000" };
	auto_arena a = { 0 };
	unsigned char mac[NET_MAC];

	(void)state;
	assert_true(net_mac_parse("02:aB:00:1:2:03", mac) == false);
	assert_true(net_mac_parse("02:aB:00:01:02:03", mac));
	assert_false(net_mac_parse("00:00:00:00:00:00", mac));
	assert_string_equal(net_mac_text(&a, mac), "02:ab:00:01:02:03");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(net_mac_parse(bad[i], mac));
}

static void loopbacks(void **state)
{
	static const char *const host[] = { "127.0.0.2", "127.0.0.53", "127.255.255.254", "::1" };
	static const char *const published[] = { "127.0.0.1", "126.0.0.2", "128.0.0.1", "0.0.0.0", "::", "::2", "7f00::1" };
	struct net_ip ip;

	(void)state;
	for (size_t i = 0; i < COUNT(host); i++)
		assert_true(net_ip_parse(host[i], &ip) && net_ip_stays(&ip));
	for (size_t i = 0; i < COUNT(published); i++)
		assert_true(net_ip_parse(published[i], &ip) && !net_ip_stays(&ip));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(subnets_hold_addresses),
		cmocka_unit_test(subnets_overlap),
		cmocka_unit_test(counts_through_a_subnet),
		cmocka_unit_test(what_follows_on_a_subnet),
		cmocka_unit_test(macs),
		cmocka_unit_test(loopbacks),
	};

	return RUN(tests);
}
