/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table engine over a table of its own: every kind, every shape, every complaint. */
#include <errno.h>

#include "oci_data.h"

struct inner {
	const char *key;
	int64_t n;
};

struct outer {
	bool yes, must;
	const bool *maybe;
	int64_t i64;
	const int64_t *opt_i64;
	uint64_t u64;
	uint32_t u32;
	const int32_t *i32;
	const uint16_t *u16;
	LIST_OF(uint32_t) small;
	const char *str, *token;
	int word;
	const int *opt_word;
	LIST_OF(int) words;
	strings strs, tokens;
	pairs map;
	const struct inner *obj;
	LIST_OF(struct inner) list, keyed;
};

static const struct word colours[] = { { "red", 1 }, { "green", 2 }, { "verde", 2 }, { NULL, 0 } };

static int check_inner(const void *p, const struct json *v, struct err *e)
{
	const struct inner *i = p;

	if (i->n == 13)
		return oci_bad(v, e, "unlucky");
	return i->n == 14 ? oci_bad_key(v, "n", e, "also unlucky") : 0;
}

#define S struct inner
static const struct field inner_fields[] = {
	F_I64(S, n, "n", REQUIRED),
};
static const struct object inner = OBJECT(S, inner_fields, check_inner);
#undef S

static int check_outer(const void *p, const struct json *v, struct err *e)
{
	const struct outer *o = p;

	for (size_t i = 0; i < o->strs.len; i++)
		if (!*o->strs.at[i])
			return oci_bad_item(v, "strs", i, e, "empty");
	for (size_t i = 0; i < o->map.len; i++)
		if (!*o->map.at[i].value)
			return oci_bad_entry(v, "map", o->map.at[i].key, e, "empty");
	return 0;
}

#define S struct outer
static const struct field outer_fields[] = {
	F_BOOL(S, yes, "yes", 0),
	F_BOOL(S, must, "must", REQUIRED),
	F_OPT_BOOL(S, maybe, "maybe"),
	F_I64(S, i64, "i64", 0),
	F_OPT_I64_IN(S, opt_i64, "optI64", -5, 5),
	F_U64(S, u64, "u64", 0),
	F_U32(S, u32, "u32", 0),
	F_OPT_I32(S, i32, "i32"),
	F_OPT_U16_IN(S, u16, "u16", 10, 1000),
	F_U32S_IN(S, small, "small", 0, 7),
	F_STR(S, str, "str", 0),
	F_TOKEN(S, token, "token", 0, colours),
	F_WORD(S, word, "word", REQUIRED, colours),
	F_OPT_WORD(S, opt_word, "optWord", colours),
	F_WORDS(S, words, "words", colours),
	F_STRS(S, strs, "strs", 0),
	F_TOKENS(S, tokens, "tokens", colours),
	F_MAP(S, map, "map"),
	F_OBJ(S, obj, struct inner, "obj", 0, &inner),
	F_LIST(S, list, struct inner, "list", &inner),
	F_OBJ_MAP(S, keyed, struct inner, "keyed", &inner),
};
static const struct object outer = OBJECT(S, outer_fields, check_outer);
#undef S

#define BASE "\"must\":false,\"word\":\"red\""

static int decode(struct arena *a, const char *text, struct outer *o, struct err *e)
{
	memset(o, 0, sizeof(*o));
	memset(e, 0, sizeof(*e));
	return oci_decode_text(a, &outer, "doc", text, strlen(text), o, e);
}

static const char *again(struct arena *a, const struct outer *o)
{
	return oci_encode_text(a, &outer, o, JSON_COMPACT, NULL);
}

static const struct {
	const char *text, *says;
} bad[] = {
	{ "[]", "doc (line 1): expected an object, found a list" },
	{ "{\n}", "doc.must (line 1): missing" },
	{ "{\"must\":null}", "doc.must (line 1): missing" },
	{ "{\"must\":0}", "doc.must (line 1): expected a boolean, found a number" },
	{ "{" BASE ",\n\"yes\":\"true\"}", "doc.yes (line 2): expected a boolean, found a string" },
	{ "{" BASE ",\"i64\":1.0}", "doc.i64 (line 1): 1.0 is not a whole number" },
	{ "{" BASE ",\"i64\":1e3}", "doc.i64 (line 1): 1e3 is not a whole number" },
	{ "{" BASE ",\"i64\":9223372036854775808}",
	  "doc.i64 (line 1): 9223372036854775808 is out of range, expected "
	  "-9223372036854775808 to 9223372036854775807" },
	{ "{" BASE ",\"i64\":-9223372036854775809}",
	  "doc.i64 (line 1): -9223372036854775809 is out of range, expected "
	  "-9223372036854775808 to 9223372036854775807" },
	{ "{" BASE ",\"u64\":18446744073709551616}",
	  "doc.u64 (line 1): 18446744073709551616 is out of range, expected 0 to 18446744073709551615" },
	{ "{" BASE ",\"u64\":-1}",
	  "doc.u64 (line 1): -1 is out of range, expected 0 to 18446744073709551615" },
	{ "{" BASE ",\"u32\":4294967296}",
	  "doc.u32 (line 1): 4294967296 is out of range, expected 0 to 4294967295" },
	{ "{" BASE ",\"i32\":-2147483649}",
	  "doc.i32 (line 1): -2147483649 is out of range, expected -2147483648 to 2147483647" },
	{ "{" BASE ",\"optI64\":6}", "doc.optI64 (line 1): 6 is out of range, expected -5 to 5" },
	{ "{" BASE ",\"optI64\":-6}", "doc.optI64 (line 1): -6 is out of range, expected -5 to 5" },
	{ "{" BASE ",\"u16\":9}", "doc.u16 (line 1): 9 is out of range, expected 10 to 1000" },
	{ "{" BASE ",\"u16\":65536}", "doc.u16 (line 1): 65536 is out of range, expected 10 to 1000" },
	{ "{" BASE ",\"small\":[1,\n2,\n8]}", "doc.small[2] (line 3): 8 is out of range, expected 0 to 7" },
	{ "{" BASE ",\"small\":{}}", "doc.small (line 1): expected a list, found an object" },
	{ "{" BASE ",\"str\":[]}", "doc.str (line 1): expected a string, found a list" },
	{ "{" BASE ",\"strs\":[null]}", "doc.strs[0] (line 1): expected a string, found null" },
	{ "{" BASE ",\"token\":\"blue\"}",
	  "doc.token (line 1): unknown value \"blue\", expected one of red, green, verde" },
	{ "{" BASE ",\"tokens\":[\"red\",\"\"]}",
	  "doc.tokens[1] (line 1): unknown value \"\", expected one of red, green, verde" },
	{ "{" BASE ",\"words\":[\"red\",\n\"a\\nb\"]}",
	  "doc.words[1] (line 2): unknown value \"a?b\", expected one of red, green, verde" },
	{ "{" BASE ",\"map\":[]}", "doc.map (line 1): expected an object, found a list" },
	{ "{" BASE ",\"map\":{\"a\":\"1\",\n\"b.c\":2}}",
	  "doc.map[\"b.c\"] (line 2): expected a string, found a number" },
	{ "{" BASE ",\"obj\":{}}", "doc.obj.n (line 1): missing" },
	{ "{" BASE ",\"obj\":{\"n\":13}}", "doc.obj (line 1): unlucky" },
	{ "{" BASE ",\"list\":[{\"n\":1},\n{\"n\":\n14}]}", "doc.list[1].n (line 3): also unlucky" },
	{ "{" BASE ",\"keyed\":{\"k\":{\"n\":13}}}", "doc.keyed[\"k\"] (line 1): unlucky" },
	{ "{" BASE ",\"strs\":[\"a\",\n\"\"]}", "doc.strs[1] (line 2): empty" },
	{ "{" BASE ",\"map\":{\"a\":\"1\",\n\"b\":\"\"}}", "doc.map[\"b\"] (line 2): empty" },
	{ "{", "doc: line 1: not valid JSON: premature EOF, after '{'" },
};

static void complaints(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		auto_arena a = { 0 };
		struct outer o;
		struct err e;

		assert_true(decode(&a, bad[i].text, &o, &e) < 0);
		assert_string_equal(e.msg, bad[i].says);
		assert_int_equal(e.code, EINVAL);
	}
}

static void values(void **state)
{
	static const char text[] =
		"{\"yes\":true,\"must\":true,\"maybe\":false,\"i64\":-9223372036854775808,\"optI64\":-5,"
		"\"u64\":18446744073709551615,\"u32\":4294967295,\"i32\":-2147483648,\"u16\":1000,\"small\":[0,7],"
		"\"str\":\"\",\"token\":\"verde\",\"word\":\"green\",\"optWord\":\"red\",\"words\":[\"red\",\"green\"],"
		"\"strs\":[\"a\",\"b\"],\"tokens\":[\"verde\"],\"map\":{\"z\":\"1\",\"a\":\"2\"},\"obj\":{\"n\":1},"
		"\"list\":[{\"n\":2},{\"n\":3}],\"keyed\":{\"x\":{\"n\":4},\"\":{\"n\":5}}}";
	auto_arena a = { 0 };
	struct outer o;
	struct err e;

	(void)state;
	assert_int_equal(decode(&a, text, &o, &e), 0);
	assert_false(*o.maybe);
	assert_true(o.i64 == INT64_MIN);
	assert_int_equal(*o.i32, INT32_MIN);
	assert_int_equal(*o.u16, 1000);
	assert_string_equal(o.token, "verde");
	assert_int_equal(o.words.at[1], 2);
	assert_null(o.strs.at[2]);
	assert_string_equal(o.map.at[1].key, "a");
	assert_string_equal(o.keyed.at[0].key, "x");
	assert_int_equal(o.keyed.at[1].n, 5);
	assert_string_equal(again(&a, &o), text);
}

static void absence(void **state)
{
	auto_arena a = { 0 };
	struct outer o;
	struct err e;

	(void)state;
	assert_int_equal(
		decode(&a, "{\"unknown\":[{}],\"maybe\":null,\"obj\":null,\"strs\":[],\"map\":{}," BASE "}",
		       &o, &e),
		0);
	assert_null(o.maybe);
	assert_null(o.obj);
	assert_null(o.str);
	assert_int_equal(o.strs.len, 0);
	assert_string_equal(again(&a, &o), "{\"must\":false,\"i64\":0,\"u64\":0,\"u32\":0,\"word\":\"red\"}");
}

/* A spec that was composed has no lines; a hostile key does not overrun a message. */
static void without_lines(void **state)
{
	auto_arena a = { 0 };
	char longer[2000];
	struct outer o;
	struct err e;

	(void)state;
	oci_bad_item(NULL, "list", 3, &e, "wrong");
	assert_string_equal(e.msg, ".list[3]: wrong");
	memset(longer, 'k', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_true(decode(&a, arena_printf(&a, "{" BASE ",\"map\":{\"%s\":1}}", longer), &o, &e) < 0);
	assert_non_null(strstr(e.msg, "k…\"] (line 1): expected a string"));
	assert_true(oci_decode_text(&a, &outer, "doc", "{}", 2, &o, NULL) < 0);
}

/* What no row knows stays as it was, at its level; what a row knows is as the struct has it, also when it is gone. */
static void unknown_keys_stay(void **state)
{
	static const char text[] = "{\"x\":[1,2.50,{\"y\":null,\"\\u00e9\":\"\\n\"}],\"str\":\"old\"," BASE
				   ",\"obj\":{\"z\":true,\"n\":1},\"strs\":[\"a\"],\"w\":{}}";
	auto_arena a = { 0 };
	struct inner inside = { 0 };
	struct outer o = { 0 };
	struct err e = { 0 };
	struct json *v;
	struct json_out *w = json_out_new(&a, JSON_COMPACT);

	(void)state;
	assert_int_equal(json_parse(&a, text, strlen(text), &v, &e), 0);
	assert_int_equal(decode(&a, text, &o, &e), 0);
	inside = *o.obj;
	inside.n = 2;
	o.obj = &inside;
	o.str = NULL;
	oci_encode_over(&outer, &o, v, w);
	assert_string_equal(json_out_text(w, NULL), "{\"must\":false,\"i64\":0,\"u64\":0,\"u32\":0,\"word\":\"red\",\"strs\":[\"a\"],\"obj\":{\"n\":2,\"z\":true},"
						    "\"x\":[1,2.50,{\"y\":null,\"é\":\"\\n\"}],\"w\":{}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complaints),
		cmocka_unit_test(values),
		cmocka_unit_test(absence),
		cmocka_unit_test(without_lines),
		cmocka_unit_test(unknown_keys_stay),
	};

	return RUN(tests);
}
