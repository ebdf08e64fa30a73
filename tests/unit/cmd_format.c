/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/format.h"

static void tables(void **state)
{
	auto_arena a = { 0 };
	struct table t = { .arena = &a, .columns = 3 };

	(void)state;
	table_add(&t, (const char *[]){ "ID", "PID", "BUNDLE" });
	table_add(&t, (const char *[]){ "dns1", "1234567", "/srv/dns" });
	table_add(&t, (const char *[]){ "x", NULL, "/a\n\x1b[31mb\x7f\xc2\x9b" "1m\xc3\xa9\xff" });
	assert_string_equal(table_text(&t), "ID    PID      BUNDLE\n"
					    "dns1  1234567  /srv/dns\n"
					    "x              /a ?[31mb???1m\xc3\xa9?\n");
}

static void long_tables(void **state)
{
	enum { ROWS = 1000 };
	auto_arena a = { 0 };
	struct table t = { .arena = &a, .columns = 1 };
	const char *p;

	(void)state;
	for (int i = 0; i < ROWS; i++)
		table_add(&t, (const char *[]){ arena_printf(&a, "%d", i) });
	p = table_text(&t);
	for (int i = 0; i < ROWS; i++) {
		const char *want = arena_printf(&a, "%d\n", i);

		assert_memory_equal(p, want, strlen(want));
		p += strlen(want);
	}
	assert_int_equal(*p, 0);
}

static const char *wrapped(struct arena *a, size_t column, size_t indent, const char *words)
{
	struct text t = { .arena = a };

	format_wrap(&t, column, indent, words);
	return text_str(&t);
}

#define FIFTY "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
static void wraps(void **state)
{
	auto_arena a = { 0 };
	struct text t = { .arena = &a };

	(void)state;
	assert_string_equal(wrapped(&a, 0, 0, ""), "\n");
	assert_string_equal(wrapped(&a, 0, 0, "one  two\nthree "), "one two three\n");
	assert_string_equal(wrapped(&a, 0, 2, FIFTY " cccccccccdddddddddeeeeeeeeeef x"),
			    FIFTY " cccccccccdddddddddeeeeeeeeeef\n  x\n");
	assert_string_equal(wrapped(&a, 29, 4, FIFTY " x"), FIFTY "\n    x\n");
	assert_string_equal(wrapped(&a, 0, 0, FIFTY FIFTY " x"), FIFTY FIFTY "\nx\n");
	format_paragraphs(&t, "one\n\ntwo three\n\nfour");
	assert_string_equal(text_str(&t), "one\n\ntwo three\n\nfour\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(long_tables),
		cmocka_unit_test(wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
