/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "cgroups/stats.h"
#include "cmd/units.h"

enum { K = 1024, M = K * K, G = K * M };
#define T (1024LL * G)

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = {
		{ "0", 0 },		{ "1", 1 },		  { "4096", 4096 },	 { "7b", 7 },
		{ "1k", K },		{ "512m", 512 * M },	  { "512M", 512 * M },	 { "1g", G },
		{ "2T", 2 * T },	{ "1p", 1024 * T },	  { "64MiB", 64 * M },	 { "64MB", 64 * M },
		{ "64 mb", 64 * M },	{ "1.5g", G + 512 * M },  { "0.25k", 256 },	 { "1.0000001k", K },
		{ "-1", -1 },		{ "8191p", 8191 * 1024 * T }, { "9223372036854775807", INT64_MAX },
	};
	static const char *const bad[] = { "", "-2", "-1k", "+1", "k", "1x", "1kk", "1 ", "1ib", ".5g", "1.g", "1.5",
					   "1e3", "0x10", "8192p", "9223372036854775808", "99999999999999999999", "max", " 1" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		int64_t v = 42;

		assert_true(units_size(good[i].text, &v));
		assert_int_equal(v, good[i].bytes);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int64_t v = 42;

		assert_false(units_size(bad[i], &v));
		assert_int_equal(v, 42);
	}
}

static void times(void **state)
{
	static const struct {
		const char *text;
		uint32_t ms;
	} good[] = {
		{ "5s", 5000 },	   { "500ms", 500 },	   { "1m30s", 90000 },		   { "2h", 7200000 },
		{ "5", 5000 },	   { "0.5", 500 },	   { "1.25s", 1250 },		   { "1h0m1.5s", 3601500 },
		{ "0", 0 },	   { "0s", 0 },		   { "4294967295ms", UINT32_MAX }, { "1m5", 65000 },
	};
	static const char *const bad[] = { "", "s", "-1s", "5x", "5 s", "5ss", "5s s", "5us", "4294967296ms",
					   "9999999h", "1.s" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		uint32_t v = 42;

		assert_true(units_time(good[i].text, &v));
		assert_int_equal(v, good[i].ms);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint32_t v = 42;

		assert_false(units_time(bad[i], &v));
		assert_int_equal(v, 42);
	}
}

static void shown(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} shows[] = {
		{ 0, "0B" },	      { 1023, "1023B" },      { K, "1K" },	      { 1536, "1.5K" },
		{ 64 * M, "64M" },    { 100 * M + 1, "100M" }, { 99 * M + 900 * K, "99.9M" },
		{ M - 1, "1M" },      { G - 1, "1G" },	      { G + 51 * M, "1G" },   { G + 52 * M, "1.1G" },
		{ 5 * T, "5T" },      { INT64_MAX, "8E" },    { CG_UNKNOWN, "-" },    { CG_UNLIMITED, "max" },
		{ CG_UNLIMITED - 1, "16E" },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(shows); i++)
		assert_string_equal(units_show_size(&a, shows[i].bytes), shows[i].text);
	assert_string_equal(units_show_count(&a, 12), "12");
	assert_string_equal(units_show_count(&a, CG_UNLIMITED), "max");
	assert_string_equal(units_show_time(&a, 1250000), "1.25s");
	assert_string_equal(units_show_time(&a, CG_UNKNOWN), "-");
	assert_string_equal(units_show_hundredths(&a, 1234), "12.34");
	assert_string_equal(units_show_hundredths(&a, 7), "0.07");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(times),
		cmocka_unit_test(shown),
	};

	return RUN(tests);
}
