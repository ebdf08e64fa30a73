/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/plan.h"

#include "unit.h"

/* ceil(10^((l² + 125 l) / 612 - 7/34)), l = log2(shares), computed with 40 decimal places elsewhere. */
static const struct {
	uint32_t shares, weight;
} weights[] = {
	{ 2, 1 }, { 3, 2 }, { 4, 2 }, { 5, 2 }, { 6, 3 }, { 7, 3 }, { 8, 3 }, { 9, 3 }, { 10, 4 },
	{ 15, 5 }, { 16, 5 }, { 20, 6 }, { 31, 8 }, { 32, 8 }, { 50, 10 }, { 64, 12 }, { 100, 17 },
	{ 102, 17 }, { 128, 21 }, { 200, 29 }, { 204, 29 }, { 256, 35 }, { 300, 39 }, { 410, 49 },
	{ 500, 58 }, { 512, 59 }, { 600, 66 }, { 700, 75 }, { 819, 84 }, { 1000, 99 }, { 1023, 100 },
	{ 1024, 100 }, { 1025, 101 }, { 1100, 106 }, { 1200, 114 }, { 1500, 136 }, { 1536, 138 },
	{ 2000, 170 }, { 2047, 174 }, { 2048, 174 }, { 3000, 236 }, { 3072, 240 }, { 4000, 297 },
	{ 4096, 303 }, { 5000, 356 }, { 6000, 413 }, { 8192, 532 }, { 9999, 627 }, { 10000, 627 },
	{ 12345, 745 }, { 16384, 942 }, { 20000, 1112 }, { 30000, 1561 }, { 32768, 1681 },
	{ 50000, 2402 }, { 65536, 3023 }, { 77777, 3499 }, { 100000, 4340 }, { 131072, 5478 },
	{ 150000, 6155 }, { 200000, 7899 }, { 250000, 9595 }, { 262143, 10000 }, { 262144, 10000 },
};

static void weights_of_shares(void **state)
{
	uint64_t last = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(weights); i++)
		assert_int_equal(cg_weight_of_shares(weights[i].shares), weights[i].weight);
	for (uint64_t s = 0; s <= 300000; s++) {
		uint64_t w = cg_weight_of_shares(s);

		assert_true(w >= last && w <= 10000);
		last = w;
	}
	assert_int_equal(cg_weight_of_shares(0), 1);
	assert_int_equal(cg_weight_of_shares(UINT64_MAX), 10000);
}

/* The value written to `file`, NULL when nothing is. */
static const char *limit(const struct cg_plan *p, const char *file)
{
	const char *value = NULL;

	for (size_t i = 0; i < p->limits.len; i++)
		if (!strcmp(p->limits.at[i].file, file)) {
			assert_null(value);
			value = p->limits.at[i].value;
		}
	return value;
}

static void memory_and_swap(void **state)
{
	static const struct {
		int64_t limit, swap;
		const char *max, *swap_max; /* NULL: refused, "": not written */
	} rows[] = {
		{ 100, 300, "100", "200" }, { 100, 100, "100", "0" },	     { 100, -1, "100", "max" },
		{ -1, -1, "max", "max" },   { -1, 100, NULL, NULL },	     { 0, 0, "", "" },
		{ 100, 0, "100", "" },	    { INT64_MAX, INT64_MAX, "9223372036854775807", "0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_arena a = { 0 };
		struct oci_memory m = { .limit = &rows[i].limit, .swap = &rows[i].swap };
		struct oci_resources r = { .memory = &m };
		struct cg_plan p = { 0 };
		int bad = cg_limits(&a, &r, &p, NULL);

		assert_int_equal(bad, rows[i].max ? 0 : -EINVAL);
		if (bad)
			continue;
		if (*rows[i].max)
			assert_string_equal(limit(&p, "memory.max"), rows[i].max);
		else
			assert_null(limit(&p, "memory.max"));
		if (*rows[i].swap_max)
			assert_string_equal(limit(&p, "memory.swap.max"), rows[i].swap_max);
		else
			assert_null(limit(&p, "memory.swap.max"));
	}
}

static void cpu(void **state)
{
	static const struct {
		int64_t quota;
		uint64_t period;
		const char *max;
	} rows[] = {
		{ 5000, 10000, "5000 10000" }, { -1, 10000, "max 10000" }, { 5000, 0, "5000" },
		{ 0, 0, "max" },	       { -1, 0, "max" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_arena a = { 0 };
		struct oci_cpu c = { .quota = &rows[i].quota, .period = &rows[i].period, .cpus = "0-3", .mems = "" };
		struct oci_resources r = { .cpu = &c };
		struct cg_plan p = { 0 };

		assert_int_equal(cg_limits(&a, &r, &p, NULL), 0);
		assert_string_equal(limit(&p, "cpu.max"), rows[i].max);
		assert_string_equal(limit(&p, "cpuset.cpus"), "0-3");
		assert_null(limit(&p, "cpuset.mems"));
		assert_null(limit(&p, "cpu.weight"));
	}
}

static void unified_stays_in_its_cgroup(void **state)
{
	static const char *const bad[] = { "../memory.max", "a/memory.max", "cgroup.procs", "cgroup.freeze",
					   ".x", "memory", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		auto_arena a = { 0 };
		struct pair one = { bad[i], "1" };
		struct oci_resources r = { .unified = { &one, 1 } };
		struct cg_plan p = { 0 };

		assert_int_equal(cg_limits(&a, &r, &p, NULL), -EINVAL);
	}
}

static void the_place(void **state)
{
	static const struct {
		const char *asked;
		bool root;
		const char *path; /* NULL: refused */
	} rows[] = {
		{ NULL, true, "/kist-id" },	    { "", true, "/kist-id" },		    { "/a/b", true, "/a/b" },
		{ "a/b", true, "/a/b" },	    { "//a/./b/", true, "/a/b" },	    { "/", true, NULL },
		{ ".", true, NULL },		    { "/a/..", true, NULL },		    { "..", true, NULL },
		{ "/a/../../etc", true, NULL },	    { "/a/..b", true, "/a/..b" },	    { "a:b:c", true, NULL },
		{ "/a:b", true, "/a:b" },	    { NULL, false, "/u/s/kist-id" },	    { "x", false, "/u/s/x" },
		{ "/u/s/x", false, "/u/s/x" },	    { "x/../..", false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_arena a = { 0 };
		struct cg_host host = { .mount = "/m", .controllers = "", .own = "/u/s", .privileged = rows[i].root };
		struct oci_linux l = { .cgroups_path = rows[i].asked };
		struct oci_spec spec = { .linux_ = &l };
		struct cg_plan p = { 0 };
		int r = cg_plan(&a, &spec, "id", CG_CGROUPFS, &host, &p, NULL);

		assert_int_equal(r, rows[i].path ? 0 : -EINVAL);
		if (r)
			continue;
		assert_string_equal(p.path, rows[i].path);
		assert_int_equal(p.optional, !rows[i].root);
		assert_int_equal(cg_plan(&a, &spec, "id", CG_DISABLED, &host, &p, NULL), 0);
		assert_null(p.path);
	}
}

/* A controller is a word of the list, not a part of one. */
static void controllers(void **state)
{
	static const struct {
		const char *have;
		bool enough;
	} rows[] = {
		{ "pids\n", true }, { "cpu pids", true }, { "pids cpu\n", true }, { "", false }, { "pid", false },
		{ "pidsx", false }, { "xpids", false }, { "cpuset io\n", false },
	};
	int64_t ten = 10;
	struct oci_pids pids = { &ten };
	struct oci_resources r = { .pids = &pids };
	struct oci_linux l = { .resources = &r };
	struct oci_spec spec = { .linux_ = &l };

	(void)state;
	assert_false(cg_wants_limits(NULL));
	assert_true(cg_wants_limits(&r));
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_arena a = { 0 };
		struct cg_host host = { "/m", rows[i].have, "/", false };
		struct cg_plan p = { 0 };

		assert_int_equal(cg_plan(&a, &spec, "id", CG_CGROUPFS, &host, &p, NULL), rows[i].enough ? 0 : -ENOTSUP);
		if (!rows[i].enough)
			continue;
		assert_string_equal(p.controllers, "+pids");
		assert_false(p.optional); /* a limit that was asked for is never dropped in silence */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights_of_shares),
		cmocka_unit_test(memory_and_swap),
		cmocka_unit_test(cpu),
		cmocka_unit_test(unified_stays_in_its_cgroup),
		cmocka_unit_test(the_place),
		cmocka_unit_test(controllers),
	};

	return RUN(tests);
}
