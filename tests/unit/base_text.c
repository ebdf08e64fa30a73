/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <time.h>

#include "base/words.h"
#include "unit.h"

static void text_grows(void **state)
{
	auto_arena a = { 0 };
	struct text t = { .arena = &a };

	(void)state;
	assert_string_equal(text_str(&t), "");
	for (int i = 0; i < 1000; i++) {
		text_add(&t, "%03d,", i);
		assert_int_equal(t.len, (size_t)(i + 1) * 4);
		assert_int_equal(t.at[t.len], 0);
	}
	text_addn(&t, "ab\0c", 4);
	assert_memory_equal(t.at + 3996, "999,ab\0c", 9);
	assert_memory_equal(t.at, "000,001,", 8);
}

/* CVE-2026-30892: whatever is not wholly a number must not become one, least of all 0. */
static void numbers_are_whole(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint32_t value;
	} rows[] = {
		{ "0", true, 0 },	    { "1", true, 1 },		{ "007", true, 7 },
		{ "4294967295", true, UINT32_MAX }, { "4294967296", false, 0 }, { "18446744073709551616", false, 0 },
		{ "", false, 0 },	    { " 1", false, 0 },		{ "1 ", false, 0 },
		{ "0x1", false, 0 },	    { "-1", false, 0 },		{ "+1", false, 0 },
		{ "1a", false, 0 },	    { "a", false, 0 },		{ "1.0", false, 0 },
		{ "1\n", false, 0 },	    { "1:1", false, 0 },	{ "\xc2\xb2", false, 0 },
		{ "99999999999999999999999999", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t n = 4711;

		assert_int_equal(text_u32(rows[i].text, &n), rows[i].ok);
		assert_int_equal(n, rows[i].ok ? rows[i].value : 4711);
	}
}

static void numbers_keep_their_range(void **state)
{
	uint64_t u = 5;
	int64_t i = 5;

	(void)state;
	assert_true(text_u64("18446744073709551615", &u) && u == UINT64_MAX);
	assert_false(text_u64("18446744073709551616", &u));
	assert_false(text_u64("-0", &u));
	assert_true(text_i64("-9223372036854775808", &i) && i == INT64_MIN);
	assert_true(text_i64("9223372036854775807", &i) && i == INT64_MAX);
	i = 5;
	assert_false(text_i64("9223372036854775808", &i));
	assert_false(text_i64("-9223372036854775809", &i));
	assert_false(text_i64("-", &i));
	assert_false(text_i64("--1", &i));
	assert_false(text_i64("", &i));
	assert_int_equal(i, 5);
}

static void environment_is_set_once(void **state)
{
	auto_arena a = { 0 };
	struct strv v = { .arena = &a };

	(void)state;
	assert_null(strv_getenv(&v, "A"));
	strv_add(&v, "AB=1");
	strv_add(&v, "A=2");
	strv_add(&v, "NOVALUE");
	strv_setenv(&v, "A", "x=y");
	strv_setenv(&v, "B", "");
	assert_int_equal(v.len, 4);
	assert_null(v.at[4]);
	assert_string_equal(v.at[0], "AB=1");
	assert_string_equal(v.at[1], "A=x=y");
	assert_string_equal(strv_getenv(&v, "A"), "x=y");
	assert_string_equal(strv_getenv(&v, "B"), "");
	assert_null(strv_getenv(&v, "NOVALUE"));
	assert_null(strv_getenv(&v, "a"));
	for (int i = 0; i < 100; i++)
		strv_add(&v, arena_printf(&a, "N%d=%d", i, i));
	assert_int_equal(v.len, 104);
	assert_null(v.at[104]);
	assert_string_equal(strv_getenv(&v, "N99"), "99");
}

static const struct word fruit[] = { { "apple", 1 }, { "pear", 2 }, { "fig", 2 }, { NULL, 0 } };

static void words_are_found(void **state)
{
	char out[64];

	(void)state;
	assert_int_equal(word_find(fruit, "pear")->value, 2);
	assert_null(word_find(fruit, "Pear"));
	assert_null(word_find(fruit, "pea"));
	assert_null(word_find(fruit, ""));
	assert_string_equal(word_name(fruit, 2), "pear");
	assert_null(word_name(fruit, 0));
	word_list(fruit, out, sizeof(out));
	assert_string_equal(out, "apple, pear, fig");
}

static void a_list_is_cut(void **state)
{
	(void)state;
	for (size_t size = 8; size < 40; size++) {
		char *out = malloc(size); /* the sanitizer sees one byte too many */

		assert_non_null(out);
		word_list(fruit, out, size);
		assert_true(strlen(out) < size);
		free(out);
	}
}

static void starts(void **state)
{
	(void)state;
	assert_true(text_starts("abc", "ab"));
	assert_true(text_starts("abc", ""));
	assert_false(text_starts("a", "ab"));
	assert_false(text_starts("xab", "ab"));
}

/* Against the C library, over leap years and the ends of centuries. */
static void dates_are_the_calendars(void **state)
{
	char got[TEXT_TIME], want[64];

	(void)state;
	for (time_t s = 0; s < 8000000000; s += 86400 * 11 + 3661) {
		struct timespec t = { s, 123456789 };
		struct tm tm;

		gmtime_r(&s, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.123456789Z", &tm);
		text_time(got, &t);
		assert_string_equal(got, want);
	}
}

static void lists_of_numbers(void **state)
{
	static const char *const bad[] = { "3-1", "-1", "1-", "a", "0x1", "1;2", "1-2-3", "1024", "0-1024", "99999999999", "1 - 2", "\t1" };
	static const char *const good[] = { "", "0", "0-3,5", " 0, 2-4 ,1023", "1,,2", "7 8" };
	unsigned long mask[TEXT_BITS / TEXT_WORD] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_bits(bad[i], NULL));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(text_bits(good[i], NULL));
	assert_true(text_bits("0-1,62-65,1023", mask));
	assert_true(mask[0] == (3UL | 3UL << 62) && mask[1] == 3);
	assert_true(mask[TEXT_BITS / TEXT_WORD - 1] == 1UL << 63);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows),
		cmocka_unit_test(numbers_are_whole),
		cmocka_unit_test(numbers_keep_their_range),
		cmocka_unit_test(environment_is_set_once),
		cmocka_unit_test(words_are_found),
		cmocka_unit_test(a_list_is_cut),
		cmocka_unit_test(lists_of_numbers),
		cmocka_unit_test(starts),
		cmocka_unit_test(dates_are_the_calendars),
	};

	return RUN(tests);
}
