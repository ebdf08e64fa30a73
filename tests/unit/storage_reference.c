/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/reference.h"
#include "unit.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct good {
	const char *text, *name, *tag, *digest;
};

static void same(const char *got, const char *want)
{
	assert_int_equal(!got, !want);
	if (want)
		assert_string_equal(got, want);
}

static void parts(void **state)
{
	static const struct good rows[] = {
		{ "dns", "dns", "latest", NULL },
		{ "dns:1", "dns", "1", NULL },
		{ "a/b@sha256:" HEX, "a/b", NULL, "sha256:" HEX },
		{ "a/b:t@sha256:" HEX, "a/b", "t", "sha256:" HEX },
		{ "localhost:5000/x", "localhost:5000/x", "latest", NULL },
		{ "Host.Example:5000/x/y:V1.0_b-c", "Host.Example:5000/x/y", "V1.0_b-c", NULL },
		{ "a__b/c---d/e.f", "a__b/c---d/e.f", "latest", NULL },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct st_reference r;
		struct err e = { 0 };

		if (st_reference_parse(&a, rows[i].text, &r, &e) < 0)
			fail_msg("%s: %s", rows[i].text, e.msg);
		same(r.name, rows[i].name);
		same(r.tag, rows[i].tag);
		same(r.digest, rows[i].digest);
		if (strcmp(rows[i].tag ? rows[i].tag : "", "latest"))
			assert_string_equal(st_reference_text(&a, &r), rows[i].text);
	}
}

static void refused(void **state)
{
	static const char *const rows[] = {
		"", ":", "a:", ":1", "A", "a/B", "a//b", "/a", "a/", "../x", "a/../b", "a..b", "a b", "a:b:c", "-a", "a-", ".a",
		"a.", "a___b", "a:-t", "a:.t", "a@", "a@sha256:", "a@sha256:" HEX "0", "a@sha512:" HEX, "a@md5:x",
		"a@sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", "h:123456/x", "h:/x", "a\nb",
		"a:tag/x:y:z", "@sha256:" HEX, "Host..example/x", "h.-a.b:1/x", "H-.b/x", ".H/x", "H./x",
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct st_reference r = { "untouched", NULL, NULL };
		struct err e = { 0 };

		if (st_reference_parse(&a, rows[i], &r, &e) >= 0)
			fail_msg("\"%s\" is taken as %s:%s", rows[i], r.name, r.tag);
		assert_string_equal(r.name, "untouched");
		assert_null(strchr(e.msg, '\n'));
	}
}

static void too_long(void **state)
{
	auto_arena a = { 0 };
	char name[260] = { 0 }, tag[132] = "a:";
	struct st_reference r;

	(void)state;
	memset(name, 'a', 255);
	assert_int_equal(st_reference_parse(&a, name, &r, NULL), 0);
	name[255] = 'a';
	assert_int_equal(st_reference_parse(&a, name, &r, NULL), -EINVAL);
	memset(tag + 2, 't', 128);
	assert_int_equal(st_reference_parse(&a, tag, &r, NULL), 0);
	tag[130] = 't';
	assert_int_equal(st_reference_parse(&a, tag, &r, NULL), -EINVAL);
}

static void digests(void **state)
{
	(void)state;
	assert_true(st_is_digest("sha256:" HEX));
	assert_false(st_is_digest("sha256:" HEX "0"));
	assert_false(st_is_digest("sha256:../../x"));
	assert_false(st_is_digest("sha512:" HEX));
	assert_false(st_is_digest(HEX));
	assert_false(st_is_digest(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts),
		cmocka_unit_test(refused),
		cmocka_unit_test(too_long),
		cmocka_unit_test(digests),
	};

	return RUN(tests);
}
