/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/counters.h"

#include "unit.h"

#define HEAD "Inter-|   Receive                        |  Transmit\n face |bytes    packets errs drop fifo\n"

static void reads_every_interface(void **state)
{
	auto_arena a = { 0 };
	net_counters l;

	(void)state;
	assert_true(net_parse_counters(&a,
				       HEAD "    lo:    500       5    0    0    0     0          0         0   500  5 0 0 0 0 0 0\n"
					    "  eth0: 18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
					    "wlan0.7:1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n",
				       &l));
	assert_int_equal(l.len, 2);
	assert_string_equal(l.at[0].name, "eth0");
	assert_true(l.at[0].rx_bytes == UINT64_MAX && l.at[0].rx_packets == 2 && l.at[0].rx_errors == 3 && l.at[0].rx_dropped == 4);
	assert_true(l.at[0].tx_bytes == 9 && l.at[0].tx_packets == 10 && l.at[0].tx_errors == 11 && l.at[0].tx_dropped == 12);
	assert_string_equal(l.at[1].name, "wlan0.7");
	assert_int_equal(l.at[1].tx_dropped, 8);
}

static void refuses_another_form(void **state)
{
	static const char *const bad[] = { "", "one line\n", HEAD "eth0 1 2 3\n", HEAD "eth0: 1 2 3 4\n", HEAD ": 1 2 3 4 5 6 7 8 9 10 11 12\n",
					   HEAD "\n" };
	auto_arena a = { 0 };
	net_counters l;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(net_parse_counters(&a, bad[i], &l));
	assert_true(net_parse_counters(&a, HEAD, &l));
	assert_int_equal(l.len, 0);
}

static void reads_our_own(void **state)
{
	auto_arena a = { 0 };
	net_counters l;

	(void)state;
	assert_int_equal(net_read_counters(&a, getpid(), &l), 0);
	assert_true(net_read_counters(&a, 0x7ffffff0, &l) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_interface),
		cmocka_unit_test(refuses_another_form),
		cmocka_unit_test(reads_our_own),
	};

	return RUN(tests);
}
