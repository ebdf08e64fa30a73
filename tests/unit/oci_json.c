/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "oci_data.h"

static int parse(struct arena *a, const char *text, size_t len, struct json **out, struct err *e)
{
	memset(e, 0, sizeof(*e));
	return json_parse(a, text, len, out, e);
}

#define DOC(s) s, sizeof(s) - 1
static const struct {
	const char *text;
	size_t len;
	const char *says;
} bad[] = {
	{ DOC(""), "line 1: the document is empty" },
	{ DOC(" \n\n"), "line 1: the document is empty" },
	{ DOC("{]"), "line 1: not valid JSON: invalid object key (must be a string), after '{]'" },
	{ DOC("{\n\"a\": 1,\n}"),
	  "line 3: not valid JSON: invalid object key (must be a string), after '}'" },
	{ DOC("{\n\"a\": tru }"), "line 2: not valid JSON: invalid string in json text, after '\"a\": tru'" },
	{ DOC("[1,\n2"), "line 2: not valid JSON: premature EOF, after '2'" },
	{ DOC("{}\n\n}"), "line 3: not valid JSON: trailing garbage, after '}'" },
	{ DOC("{} {}"), "line 1: not valid JSON: trailing garbage, after '{} {'" },
	{ DOC("{\"a\" 1}"),
	  "line 1: not valid JSON: object key and value must be separated by a colon (':'), after '{\"a\" 1'" },
	{ DOC("[1 2]"), "line 1: not valid JSON: after array element, I expect ',' or ']', after '[1 2'" },
	{ DOC("[01]"), "line 1: not valid JSON: after array element, I expect ',' or ']', after '[01'" },
	{ DOC("[\n-]"),
	  "line 2: not valid JSON: malformed number, a digit is required after the minus sign, after '-'" },
	{ DOC("[\"\xff\"]"), "line 1: not valid JSON: invalid bytes in UTF8 string, after '[\"\xff'" },
	{ DOC("[\"\xc0\xaf\"]"), "line 1: invalid UTF-8 inside a string" },
	{ DOC("{\"\xed\xa0\x80\":1}"), "line 1: invalid UTF-8 inside a string" },
	{ DOC("[\"a\nb\"]"), "line 1: not valid JSON: invalid character inside string, after '[\"a'" },
	{ DOC("[\"\\x\"]"),
	  "line 1: not valid JSON: inside a string, '\\' occurs before a character which it may not, after '[\"\\'" },
	{ DOC("[\0]"), "line 1: not valid JSON: invalid char in json text, after '['" },
	{ DOC("// a\n{}"),
	  "line 1: not valid JSON: probable comment found in input text, comments are not enabled" },
	{ DOC("[\n\"a\\u0000b\"]"), "line 2: NUL inside a string" },
	{ DOC("{\"a\\u0000\":1}"), "line 1: NUL inside a string" },
	{ DOC("{\"a\":1,\n\"b\":2,\n\"a\":3}"),
	  "line 3: \"a\" appears twice in one object (first in line 1)" },
	{ DOC("{\"x\":{\"a\":1,\"\\u0061\":1}}"),
	  "line 1: \"a\" appears twice in one object (first in line 1)" },
	{ DOC("{\"\":1,\"\":1}"), "line 1: \"\" appears twice in one object (first in line 1)" },
};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		auto_arena a = { 0 };
		struct json *v = NULL;
		struct err e;

		assert_true(parse(&a, bad[i].text, bad[i].len, &v, &e) < 0);
		assert_string_equal(e.msg, bad[i].says);
		assert_null(v);
		assert_true(json_parse(&a, bad[i].text, bad[i].len, &v, NULL) < 0);
	}
}

static void tree(void **state)
{
	static const char text[] =
		"{\"a\": [true, false, null, -0.5e3, \"\\u00e9\\n\"],\n\n \"b\": 18446744073709551615, \"n\": null}";
	auto_arena a = { 0 };
	struct json *v = NULL;
	struct err e;
	const struct json *l;

	(void)state;
	assert_int_equal(parse(&a, DOC(text), &v, &e), 0);
	assert_int_equal(v->type, JSON_OBJECT);
	assert_int_equal(v->len, 3);
	l = json_get(v, "a");
	assert_int_equal(l->len, 5);
	assert_true(json_item(l, 0)->yes);
	assert_int_equal(json_item(l, 2)->type, JSON_NULL);
	assert_string_equal(json_item(l, 3)->text, "-0.5e3");
	assert_string_equal(json_item(l, 4)->text, "\xc3\xa9\n");
	assert_null(json_item(l, 5));
	assert_string_equal(json_get(v, "b")->text, "18446744073709551615");
	assert_int_equal(json_get(v, "b")->line, 3);
	assert_null(json_get(v, "n"));
	assert_null(json_get(NULL, "a"));
	assert_null(json_item(NULL, 0));
}

static void depth_is_capped(void **state)
{
	auto_arena a = { 0 };
	struct json *v = NULL;
	char text[2 * JSON_MAX_DEPTH + 3];
	struct err e;

	(void)state;
	memset(text, '[', JSON_MAX_DEPTH);
	memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
	assert_int_equal(parse(&a, text, 2 * JSON_MAX_DEPTH, &v, &e), 0);
	memset(text, '[', JSON_MAX_DEPTH + 1);
	assert_int_equal(parse(&a, text, JSON_MAX_DEPTH + 1, &v, &e), -EINVAL);
	assert_string_equal(e.msg, "line 1: nested deeper than 64 levels");
}

static void size_is_capped(void **state)
{
	auto_arena a = { 0 };
	size_t n = JSON_MAX_BYTES + 1;
	char *text = arena_alloc(&a, n);
	struct json *v = NULL;
	struct err e;

	(void)state;
	memset(text, ' ', n);
	memcpy(text, "{}", 2);
	assert_int_equal(parse(&a, text, n - 1, &v, &e), 0);
	assert_int_equal(parse(&a, text, n, &v, &e), -EFBIG);
	assert_string_equal(e.msg, "line 1: larger than 16 MiB");
	memset(text, '0', n);
	for (size_t i = 2; i < n; i += 2)
		text[i] = ',';
	text[0] = '[';
	assert_int_equal(parse(&a, text, n - 1, &v, &e), -E2BIG);
	assert_string_equal(e.msg, "line 1: more than 1048576 values");
}

/* Keys that all differ late, in sorted, reversed and shuffled order: none may cost the square. */
static void many_keys(void **state)
{
	enum { KEYS = 200000, STEP = 7919 };

	(void)state;
	for (int order = 0; order < 3; order++) {
		auto_arena a = { 0 };
		struct text t = { .arena = &a };
		struct json *v = NULL;
		struct err e;

		for (unsigned i = 0; i < KEYS; i++) {
			unsigned k = order == 0 ? i : order == 1 ? KEYS - i : i * STEP % KEYS;

			text_add(&t, "%s\"a key of some length %06u\":\n0", i ? "," : "{", k);
		}
		text_add(&t, "}");
		assert_int_equal(parse(&a, t.at, t.len, &v, &e), 0);
		assert_int_equal(v->len, KEYS);
		t.at[t.len - 1] = ',';
		text_add(&t, "\"a key of some length 000007\":0}");
		assert_int_equal(parse(&a, t.at, t.len, &v, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "\"a key of some length 000007\" appears twice"));
	}
}

/* The line of the last of many values, on many lines. */
static void many_lines(void **state)
{
	enum { LINES = 500000 };
	auto_arena a = { 0 };
	struct text t = { .arena = &a };
	struct json *v = NULL;
	struct err e;

	(void)state;
	for (int i = 0; i < LINES; i++)
		text_add(&t, i ? ",\n0" : "[0");
	text_add(&t, "]");
	assert_int_equal(parse(&a, t.at, t.len, &v, &e), 0);
	assert_int_equal(json_item(v, LINES - 1)->line, LINES);
}

static void write_one(struct json_out *w)
{
	json_out_open(w, JSON_OBJECT);
	json_out_key(w, "a\"\\/");
	json_out_str(
		w,
		"\n\t\r\x01 \xc3\xa9 \xff \xe2\x82 \xed\xa0\x80 \xf4\x90\x80\x80 \xf0\x9f\x90\xa7 \xe0\x80\x80");
	json_out_key(w, "l");
	json_out_open(w, JSON_ARRAY);
	json_out_i64(w, INT64_MIN);
	json_out_u64(w, UINT64_MAX);
	json_out_bool(w, false);
	json_out_digits(w, "0.25");
	json_out_null(w);
	json_out_close(w, JSON_ARRAY);
	json_out_key(w, "e");
	json_out_open(w, JSON_ARRAY);
	json_out_close(w, JSON_ARRAY);
	json_out_close(w, JSON_OBJECT);
}

#define FFFD "\xef\xbf\xbd"
static void writer(void **state)
{
	static const char text[] = "\"a\\\"\\\\/\":\"\\n\\t\\r\\u0001 \xc3\xa9 " FFFD " " FFFD FFFD
				   " " FFFD FFFD FFFD " " FFFD FFFD FFFD FFFD
				   " \xf0\x9f\x90\xa7 " FFFD FFFD FFFD "\"";
	auto_arena a = { 0 };
	struct json_out *c = json_out_new(&a, JSON_COMPACT), *p = json_out_new(&a, JSON_PRETTY);
	struct json *v = NULL;
	struct err e;
	size_t len;

	(void)state;
	write_one(c);
	assert_string_equal(
		json_out_text(c, &len),
		arena_printf(&a, "{%s,\"l\":[-9223372036854775808,18446744073709551615,false,0.25,null],\"e\":[]}",
			     text));
	assert_int_equal(parse(&a, json_out_text(c, NULL), len, &v, &e), 0);
	write_one(p);
	assert_string_equal(
		strchr(json_out_text(p, NULL), 'l') - 1,
		"\"l\": [\n    -9223372036854775808,\n    18446744073709551615,\n    false,\n    0.25,\n    null\n  ],\n"
		"  \"e\": []\n}\n");
}

static void shown(void **state)
{
	char out[JSON_SHOWN], longer[3 * JSON_SHOWN];

	(void)state;
	assert_string_equal(json_shown(out, "a\x1b[31m\nb"), "a?[31m?b");
	for (size_t i = 0; i + 2 < sizeof(longer); i += 2)
		memcpy(longer + i, "\xc3\xa9", 3);
	json_shown(out, longer);
	assert_true(strlen(out) < JSON_SHOWN);
	assert_string_equal(out + strlen(out) - 3, "…");
	assert_int_equal((strlen(out) - 3) % 2, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),    cmocka_unit_test(tree),	   cmocka_unit_test(depth_is_capped),
		cmocka_unit_test(size_is_capped), cmocka_unit_test(many_keys), cmocka_unit_test(many_lines),
		cmocka_unit_test(writer),     cmocka_unit_test(shown),
	};

	return RUN(tests);
}
