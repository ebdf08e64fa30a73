/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which platform, which kind of source, which name. */
#include "images/import.h"
#include "images/marks.h"
#include "unit.h"

static void platforms(void **state)
{
	static const struct {
		const char *have, *host;
		bool runs;
	} rows[] = {
		{ "linux/amd64", "linux/amd64", true },	    { "linux/amd64/v1", "linux/amd64", true },
		{ "linux/amd64/v3", "linux/amd64", false }, { "linux/arm64", "linux/arm64/v8", true },
		{ "linux/arm64/v8", "linux/arm64/v8", true }, { "linux/arm/v6", "linux/arm/v7", true },
		{ "linux/arm/v7", "linux/arm/v6", false },  { "windows/amd64", "linux/amd64", false },
		{ "unknown/unknown", "linux/amd64", false },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct oci_platform have, host;

		assert_int_equal(img_platform_parse(&a, rows[i].have, &have, NULL), 0);
		assert_int_equal(img_platform_parse(&a, rows[i].host, &host, NULL), 0);
		if ((img_platform_score(&have, &host) > 0) != rows[i].runs)
			fail_msg("%s on %s", rows[i].have, rows[i].host);
		assert_string_equal(img_platform_text(&a, &have), rows[i].have);
	}
}

static int score(const char *have, const char *host)
{
	auto_arena a = { 0 };
	struct oci_platform p, q;

	assert_int_equal(img_platform_parse(&a, have, &p, NULL) + img_platform_parse(&a, host, &q, NULL), 0);
	return img_platform_score(&p, &q);
}

static void best_platform(void **state)
{
	(void)state;
	assert_true(score("linux/arm/v7", "linux/arm/v7") > score("linux/arm/v6", "linux/arm/v7"));
	assert_true(score("linux/arm/v6", "linux/arm/v7") > score("linux/arm/v5", "linux/arm/v7"));
	assert_true(score("linux/arm64/v8", "linux/arm64/v8") > score("linux/arm64", "linux/arm64/v8"));
}

static void bad_platforms(void **state)
{
	static const char *const rows[] = { "", "linux", "linux/", "/amd64", "linux/arm/", "linux/arm/v7/x" };
	auto_arena a = { 0 };
	struct oci_platform p;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(img_platform_parse(&a, rows[i], &p, NULL), -EINVAL);
}

static void names(void **state)
{
	static const struct {
		const char *source, *name, *own, *wanted;
	} rows[] = {
		{ "dir/web.tar.gz", NULL, NULL, "web:latest" },
		{ "dir/web/", NULL, NULL, "web:latest" },
		{ "web.tar", "dns", NULL, "dns:latest" },
		{ "web.tar", NULL, "1.0", "web:1.0" },
		{ "web.tar", NULL, "host.example/a/b:2", "host.example/a/b:2" },
		{ "web.tar", "x:3", "host.example/a/b:2", "x:3" },
		{ "-", NULL, NULL, NULL },
		{ "-", NULL, "web", "web:latest" },
		{ "WEB.tar", NULL, NULL, NULL },
		{ ".tar", NULL, NULL, NULL },
		{ "web.tar", "a b", NULL, NULL },
		{ "web.tar", NULL, "a/../b", NULL },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct img_import in = { .source = rows[i].source, .name = rows[i].name };
		const char *got = NULL;
		struct err e = { 0 };
		int r = img_choose_name(&a, &in, rows[i].own, &got, &e);

		if (!rows[i].wanted != (r < 0) || (got && strcmp(got, rows[i].wanted) != 0))
			fail_msg("row %zu: %s %s", i, got ? got : "nothing", e.msg);
	}
}

static void layer_paths(void **state)
{
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	auto_arena a = { 0 };

	(void)state;
	assert_string_equal(img_layer_hex(&a, "/data/layers/" HEX "/fs"), HEX);
	assert_string_equal(img_layer_hex(&a, "/layers/x/layers/" HEX "/fs"), HEX);
	assert_null(img_layer_hex(&a, "/data/layers/" HEX));
	assert_null(img_layer_hex(&a, "/data/layers/" HEX "0/fs"));
	assert_null(img_layer_hex(&a, "/data/layers/x/fs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms), cmocka_unit_test(best_platform), cmocka_unit_test(bad_platforms),
		cmocka_unit_test(names),     cmocka_unit_test(layer_paths),
	};

	return RUN(tests);
}
