/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bandwidths: what is one, what it is called again, and the queue that it becomes. */
#include "net/rate.h"

#include "unit.h"

static void reads(void **state)
{
	static const struct {
		const char *text, *again;
		uint64_t bits;
	} rows[] = {
		{ "100mbit", "100mbit", 100000000 }, { "100Mbit", "100mbit", 100000000 }, { "1000kbit", "1mbit", 1000000 },
		{ "8000bit", "8kbit", 8000 },	     { "1500kbit", "1500kbit", 1500000 }, { "100gbit", "100gbit", 100000000000 },
		{ "8001bit", "8001bit", 8001 },
	};
	auto_arena a = { 0 };
	uint64_t bits;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(net_rate_parse(rows[i].text, &bits));
		assert_int_equal(bits, rows[i].bits);
		assert_string_equal(net_rate_text(&a, bits), rows[i].again);
	}
}

static void refuses(void **state)
{
	static const char *const rows[] = {
		"", "mbit", "100", "100m", "1.5mbit", "-1mbit", "+1mbit", " 1mbit", "1 mbit", "1mbit ", "0x1mbit", "10mbps", "10mibit", "none", "0mbit",
		"7999bit", "101gbit", "100000000001bit", "18446744073709551616bit", "184467440737gbit", "99999999999999999999999bit", "1e3mbit",
	};
	uint64_t bits = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_false(net_rate_parse(rows[i], &bits));
		assert_int_equal(bits, 42);
	}
}

static void shapes(void **state)
{
	static const struct {
		uint64_t bits;
		uint32_t mtu;
		struct net_shape want;
	} rows[] = {
		{ 100000000, 1500, { 12787162, 319679, 319679 + 639358 } },    /* 25 ms, and 50 */
		{ 1000000, 1500, { 127871, 3196, 3196 + 20 * 1514 } },	       /* in frames where that is more */
		{ 100000000, 9000, { 12547327, 313683, 313683 + 627366 } },    /* of large ones the headers are a smaller part */
		{ 8000, 65535, { 1000, 131098, 131098 + 1310980 } },
		{ 8000, 0, { 1708, 164, 164 + 1640 } },			       /* no kernel says that */
		{ 100000000000, 1500, { 12787162162, 319679054, 319679054 + 639358108 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_shape s = net_limits_shape(rows[i].bits, rows[i].mtu);

		assert_int_equal(s.rate, rows[i].want.rate);
		assert_int_equal(s.burst, rows[i].want.burst);
		assert_int_equal(s.limit, rows[i].want.limit);
	}
}

/* However it is measured: what passes is within 5 % of what was asked for. */
static void all_measures_agree(void **state)
{
	static const uint32_t carried[] = { 1514, 1500, 1500 - 20 - 8, 1500 - 20 - 32, 1500 - 40 - 8, 1500 - 40 - 32 };
	const uint64_t bits = 1000000000;

	(void)state;
	for (size_t i = 0; i < COUNT(carried); i++) {
		uint64_t got = net_limits_shape(bits, 1500).rate * 8 * carried[i] / 1514;

		assert_true(got > bits / 100 * 95 && got < bits / 100 * 105);
	}
}

/* Three seconds of it, from the first packet on, are within 5 % as well. */
static void a_burst_is_little(void **state)
{
	(void)state;
	for (uint64_t bits = 1000000; bits <= 100000000000; bits *= 10)
		assert_true(net_limits_shape(bits, 1500).burst <= net_limits_shape(bits, 1500).rate * 3 / 100);
}

static void names_what_is_wrong(void **state)
{
	const struct oci_kist_bandwidth bad = { "1mbit", "1mb" }, one = { NULL, "1mbit" };
	struct net_limits l;
	struct err e;

	(void)state;
	assert_int_equal(net_limits_judge(NULL, &l, NULL), 0);
	assert_true(!l.in && !l.out);
	assert_int_equal(net_limits_judge(&one, &l, NULL), 0);
	assert_true(!l.in && l.out == 1000000);
	assert_int_equal(net_limits_judge(&bad, &l, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "kist.bandwidth.out \"1mb\": expected"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
		cmocka_unit_test(shapes),
		cmocka_unit_test(all_measures_agree),
		cmocka_unit_test(a_burst_is_little),
		cmocka_unit_test(names_what_is_wrong),
	};

	return RUN(tests);
}
