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
		{ 0, 0, NULL },	       { -1, 0, "max" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_arena a = { 0 };
		struct oci_cpu c = { .quota = &rows[i].quota, .period = &rows[i].period, .cpus = "0-3", .mems = "" };
		struct oci_resources r = { .cpu = &c };
		struct cg_plan p = { 0 };

		assert_int_equal(cg_limits(&a, &r, &p, NULL), 0);
		if (rows[i].max)
			assert_string_equal(limit(&p, "cpu.max"), rows[i].max);
		else
			assert_null(limit(&p, "cpu.max"));
		assert_string_equal(limit(&p, "cpuset.cpus"), "0-3");
		assert_null(limit(&p, "cpuset.mems"));
		assert_null(limit(&p, "cpu.weight"));
	}
}

/* What a plan writes, in its order. */
static const char *order(struct arena *a, const struct oci_resources *r)
{
	struct cg_plan p = { 0 };
	struct text t = { .arena = a };

	assert_int_equal(cg_limits(a, r, &p, NULL), 0);
	for (size_t i = 0; i < p.limits.len; i++)
		text_add(&t, "%s%s=%s%s", i ? " " : "", p.limits.at[i].file, p.limits.at[i].value, p.limits.at[i].pardon ? "?" : "");
	return text_str(&t);
}

static void the_order_is_the_kernels(void **state)
{
	static const int64_t quota = 50000, idle = 1, awake = 0, none = 0;
	static const uint64_t burst = 1000, shares = 1024;
	auto_arena a = { 0 };
	struct oci_cpu c = { .quota = &quota, .burst = &burst };
	struct oci_pids pids = { &none };
	struct pair lines = { "io.max", "8:0 rbps=1\n8:16 wbps=2\n" };
	struct oci_hugepage huge = { "2MB", 4096 };
	struct oci_resources r = { .cpu = &c };

	(void)state;
	assert_string_equal(order(&a, &r), "cpu.max.burst=1000? cpu.max=50000 cpu.max.burst=1000");
	c = (struct oci_cpu){ .burst = &burst };
	assert_string_equal(order(&a, &r), "cpu.max.burst=1000");
	c = (struct oci_cpu){ .shares = &shares, .idle = &idle };
	assert_string_equal(order(&a, &r), "cpu.idle=1");
	c.idle = &awake;
	assert_string_equal(order(&a, &r), "cpu.idle=0 cpu.weight=100");
	r = (struct oci_resources){ .pids = &pids, .unified = { &lines, 1 }, .hugepages = { &huge, 1 } };
	assert_string_equal(order(&a, &r), "pids.max=1 hugetlb.2MB.max=4096 hugetlb.2MB.rsvd.max=4096? io.max=8:0 rbps=1 io.max=8:16 wbps=2");
}

static const char *property(const struct cg_unit *u, const char *name)
{
	for (size_t i = 0; i < u->props.len; i++)
		if (!strcmp(u->props.at[i].name, name))
			return u->props.at[i].values.at[0];
	return "-";
}

/* What is a file for us must be a property for systemd, or its next daemon-reload sets the file back. */
static void unified_files_are_properties(void **state)
{
	static const struct {
		const char *file, *value, *name, *want;
	} rows[] = {
		{ "memory.high", "40M", "MemoryHigh", "41943040" },   { "memory.low", "7", "MemoryLow", "7" },
		{ "memory.max", "max", "MemoryMax", "18446744073709551615" }, { "memory.min", "2k", "MemoryMin", "2048" },
		{ "memory.high", "40Mx", "MemoryHigh", "-" },	      { "cpu.max", "20000 100000", "CPUQuotaPerSecUSec", "200000" },
		{ "cpu.max", "20000 50000", "CPUQuotaPeriodUSec", "50000" }, { "cpu.max", "max", "CPUQuotaPerSecUSec", "18446744073709551615" },
		{ "cpu.max", "5 0", "CPUQuotaPerSecUSec", "-" },      { "cpu.idle", "1", "CPUWeight", "0" },
		{ "io.weight", "default 50", "IOWeight", "50" },      { "io.weight", "8:0 50", "IOWeight", "-" },
		{ "cpuset.cpus", "0,2", "AllowedCPUs", "5" },	      { "cpuset.cpus", "x", "AllowedCPUs", "-" },
		{ "pids.max", "9", "TasksMax", "9" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_arena a = { 0 };
		struct pair one = { rows[i].file, rows[i].value };
		struct oci_resources r = { .unified = { &one, 1 } };
		struct cg_unit u = { 0 };

		cg_unit_limits(&a, &r, &u);
		assert_string_equal(property(&u, rows[i].name), rows[i].want);
	}
}

static void only_named_controllers_are_kept(void **state)
{
	struct cg_limit all[] = { { "", "memory.max", "1", 0 }, { "", "cpu.max", "2", 0 }, { "", "memory.high", "3", 0 }, { "", "cpuset.cpus", "0", 0 } };
	struct cg_limit asked[] = { { "", "cpu.weight", "1", 0 }, { "", "memory.low", "1", 0 } };
	struct cg_plan p = { .limits = { all, 4 } }, named = { .limits = { asked, 2 } };

	(void)state;
	cg_plan_keep(&p, &named);
	assert_int_equal(p.limits.len, 3);
	assert_string_equal(p.limits.at[2].file, "memory.high");
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
		cmocka_unit_test(the_order_is_the_kernels),
		cmocka_unit_test(unified_files_are_properties),
		cmocka_unit_test(only_named_controllers_are_kept),
		cmocka_unit_test(unified_stays_in_its_cgroup),
		cmocka_unit_test(the_place),
		cmocka_unit_test(controllers),
	};

	return RUN(tests);
}
