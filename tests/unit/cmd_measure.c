/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics as they are printed, from invented numbers: a container with everything, and one of which
 * nothing is known. */
#include "tests/unit/unit.h"

#include "base/text.h"
#include "cmd/measure.h"
#include "oci/json.h"

enum { M = 1 << 20 };

static struct arena arena;
static struct cg_io io[] = { { 8, 0, 3 * M, 4096, 7, 1 }, { 253, 1, M, 0, 2, 0 } };
static struct cg_huge huge[] = { { "2MB", 2 * M, 8 * M, 3 }, { "1GB", 0, CG_UNLIMITED, 0 } };
static struct net_interface interfaces[] = {
	{ "eth0", 2 * M, 100, 1, 2, M, 50, 3, 4 },
	{ "eth1", M, 1, 0, 0, 0, 0, 0, 0 },
};
static const char *raw_names[] = { "anon", "file" };
static uint64_t raw[] = { 9 * M, 5 * M };

static struct cg_stats full(void)
{
	struct cg_stats s = {
		.memory = { .usage = 20 * M, .peak = 60 * M, .limit = 64 * M, .high = CG_UNLIMITED, .low = 0,
			    .swap = M, .swap_peak = 2 * M, .swap_limit = 16 * M, .anon = 9 * M, .file = 5 * M,
			    .kernel = 3 * M, .slab = 2 * M, .shmem = 0, .inactive_file = 4 * M, .low_hits = 0,
			    .high_hits = 0, .max_hits = 12, .oom = 3, .oom_kill = 2, .swap_hits = 1,
			    .raw_names = { raw_names, 2 }, .raw = { raw, 2 },
			    .some = { 125, 10, 0, 4711 }, .full = { 5, 0, 0, 815 } },
		.cpu = { .usage = 2500000, .user = 2000000, .system = 500000, .periods = 100, .throttled = 34,
			 .throttled_time = 1234567, .quota = 50000, .period = 100000, .weight = 100,
			 .some = { 10000, 200, 1, 99 }, .full = { 0, 0, 0, 0 } },
		.pids = { .current = 5, .peak = 9, .limit = CG_UNLIMITED, .hits = 0 },
		.io_known = true,
		.io = { io, 2 },
		.io_some = { CG_UNKNOWN, CG_UNKNOWN, CG_UNKNOWN, CG_UNKNOWN },
		.io_full = { CG_UNKNOWN, CG_UNKNOWN, CG_UNKNOWN, CG_UNKNOWN },
		.huge = { huge, 2 },
	};

	return s;
}

/* A host without controllers and without pressure. */
static struct cg_stats unknown(void)
{
	struct cg_stats s, zero = { 0 };

	memset(&s, 0xff, sizeof(s));
	s.memory.raw_names = zero.memory.raw_names;
	s.memory.raw.len = s.io.len = s.huge.len = 0;
	s.io_known = false;
	return s;
}

static measures two(void)
{
	static struct measure at[2];

	at[0] = (struct measure){ .id = "dns1", .at = 3000000, .s = full(), .net_known = true, .net = { interfaces, 2 }, .flows_known = true,
				  .flows = { { 100000000, 0 }, { 4 * M, 3000, 70, 5 }, { 0, 0, 0, 0 } } };
	at[1] = (struct measure){ .id = "x", .at = 3000000, .s = unknown() };
	return (measures){ at, 2 };
}

static void event(void **state)
{
	struct cg_stats s = full(), none = unknown();

	(void)state;
	assert_string_equal(
		measure_event(&arena, "dns1", &s),
		"{\"type\":\"stats\",\"id\":\"dns1\",\"data\":{"
		"\"cpu\":{\"usage\":{\"total\":2500000000,\"kernel\":500000000,\"user\":2000000000},"
		"\"throttling\":{\"periods\":100,\"throttledPeriods\":34,\"throttledTime\":1234567000},"
		"\"psi\":{\"some\":{\"avg10\":100,\"avg60\":2,\"avg300\":0.01,\"total\":99},"
		"\"full\":{\"avg10\":0,\"avg60\":0,\"avg300\":0,\"total\":0}}},"
		"\"memory\":{\"cache\":5242880,"
		"\"usage\":{\"limit\":67108864,\"usage\":20971520,\"max\":62914560,\"failcnt\":12},"
		"\"swap\":{\"limit\":83886080,\"usage\":22020096,\"failcnt\":1},"
		"\"kernel\":{\"limit\":0,\"usage\":3145728,\"failcnt\":0},\"kernelTCP\":{\"limit\":0,\"failcnt\":0},"
		"\"event_count\":{\"low\":0,\"high\":0,\"max\":12,\"oom\":3,\"oom_kill\":2},"
		"\"raw\":{\"anon\":9437184,\"file\":5242880},"
		"\"psi\":{\"some\":{\"avg10\":1.25,\"avg60\":0.10,\"avg300\":0,\"total\":4711},"
		"\"full\":{\"avg10\":0.05,\"avg60\":0,\"avg300\":0,\"total\":815}}},"
		"\"pids\":{\"current\":5,\"limit\":0},"
		"\"blkio\":{\"ioServiceBytesRecursive\":["
		"{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":3145728},"
		"{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":4096},"
		"{\"major\":253,\"minor\":1,\"op\":\"Read\",\"value\":1048576},"
		"{\"major\":253,\"minor\":1,\"op\":\"Write\",\"value\":0}],"
		"\"ioServicedRecursive\":[{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":7},"
		"{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":1},"
		"{\"major\":253,\"minor\":1,\"op\":\"Read\",\"value\":2},"
		"{\"major\":253,\"minor\":1,\"op\":\"Write\",\"value\":0}]},"
		"\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":3},\"1GB\":{\"usage\":0,\"failcnt\":0}}}}\n");
	assert_string_equal(
		measure_event(&arena, "\"", &none),
		"{\"type\":\"stats\",\"id\":\"\\\"\",\"data\":{"
		"\"cpu\":{\"usage\":{\"total\":0,\"kernel\":0,\"user\":0},"
		"\"throttling\":{\"periods\":0,\"throttledPeriods\":0,\"throttledTime\":0}},"
		"\"memory\":{\"cache\":0,\"usage\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},"
		"\"swap\":{\"limit\":0,\"usage\":0,\"failcnt\":0},\"kernel\":{\"limit\":0,\"usage\":0,\"failcnt\":0},"
		"\"kernelTCP\":{\"limit\":0,\"failcnt\":0},"
		"\"event_count\":{\"low\":0,\"high\":0,\"max\":0,\"oom\":0,\"oom_kill\":0}},"
		"\"pids\":{\"current\":0,\"limit\":0},"
		"\"blkio\":{\"ioServiceBytesRecursive\":[],\"ioServicedRecursive\":[]},\"hugetlb\":{}}}\n");
}

static void unlimited_as_runc(void **state)
{
	struct cg_stats s = full();

	(void)state;
	s.memory.limit = s.memory.swap_limit = CG_UNLIMITED;
	s.pids.limit = 7;
	assert_non_null(strstr(measure_event(&arena, "x", &s), "\"usage\":{\"limit\":18446744073709551615,"));
	assert_non_null(strstr(measure_event(&arena, "x", &s), "\"swap\":{\"limit\":18446744073709551615,"));
	assert_non_null(strstr(measure_event(&arena, "x", &s), "\"pids\":{\"current\":5,\"limit\":7}"));
	s.memory.swap_limit = M; /* of memory without a limit: both together have none */
	assert_non_null(strstr(measure_event(&arena, "x", &s), "\"swap\":{\"limit\":18446744073709551615,"));
}

#define HEAD "ID    CPU %  MEMORY  LIMIT  PEAK  ANON  FILE  PIDS  READ  WRITTEN  NET IN  LIMIT IN  NET OUT  LIMIT OUT  PRESSURE C/M/I\n"
static void table(void **state)
{
	measures now = two(), none = { NULL, 0 };
	struct measure earlier = { .id = "dns1", .at = 1000000, .s = full() };
	measures before = { &earlier, 1 };

	(void)state;
	earlier.s.cpu.usage = 500000; /* two seconds of CPU time in two seconds */
	assert_string_equal(measure_table(&arena, &now, &before),
			    "ID    CPU %   MEMORY  LIMIT  PEAK  ANON  FILE  PIDS  READ  WRITTEN  NET IN  LIMIT IN  NET OUT  LIMIT OUT  PRESSURE C/M/I\n"
			    "dns1  100.00  20M     64M    60M   9M    5M    5     4M    4K       3M      100mbit   1M       max        100.00/1.25/-\n"
			    "x     -       -       -      -     -     -     -     -     -        -       -         -        -          -\n");
	assert_string_equal(measure_table(&arena, &now, NULL),
			    HEAD "dns1  -      20M     64M    60M   9M    5M    5     4M    4K       3M      100mbit   1M       max        100.00/1.25/-\n"
				 "x     -      -       -      -     -     -     -     -     -        -       -         -        -          -\n");
	earlier.s.cpu.usage = 2500001; /* another container of that name */
	assert_non_null(strstr(measure_table(&arena, &now, &before), "dns1  -  "));
	earlier.s.cpu.usage = 0;
	earlier.at = 3000000;
	assert_non_null(strstr(measure_table(&arena, &now, &before), "dns1  -  "));
	assert_string_equal(measure_table(&arena, &none, NULL),
			    "ID  CPU %  MEMORY  LIMIT  PEAK  ANON  FILE  PIDS  READ  WRITTEN  NET IN  LIMIT IN  NET OUT  LIMIT OUT  PRESSURE C/M/I\n");
}

static void limits_table(void **state)
{
	measures now = two();

	(void)state;
	assert_string_equal(measure_limits_table(&arena, &now, false),
			    "ID    RESOURCE      HELD  PEAK  LIMIT     HITS\n"
			    "dns1  memory        20M   60M   64M       12 (2 killed)\n"
			    "dns1  swap          1M    2M    16M       1\n"
			    "dns1  cpu           -     -     0.50 CPU  34 (1.23s)\n"
			    "dns1  bandwidth.in  -     -     100mbit   70 (5 dropped)\n"
			    "dns1  hugetlb.2MB   2M    -     8M        3\n");
	assert_string_equal(measure_limits_table(&arena, &now, true),
			    "ID    RESOURCE       HELD  PEAK  LIMIT     HITS\n"
			    "dns1  memory         20M   60M   64M       12 (2 killed)\n"
			    "dns1  memory.high    20M   60M   max       0\n"
			    "dns1  swap           1M    2M    16M       1\n"
			    "dns1  pids           5     9     max       0\n"
			    "dns1  cpu            -     -     0.50 CPU  34 (1.23s)\n"
			    "dns1  bandwidth.in   -     -     100mbit   70 (5 dropped)\n"
			    "dns1  bandwidth.out  -     -     max       0\n"
			    "dns1  hugetlb.2MB    2M    -     8M        3\n"
			    "dns1  hugetlb.1GB    0B    -     max       0\n");
}

/* Killed although unlimited: a cgroup above has the limit that was hit. */
static void killed_without_limit(void **state)
{
	struct measure m = { .id = "x", .s = unknown() };
	measures now = { &m, 1 };

	(void)state;
	m.s.memory.limit = CG_UNLIMITED;
	m.s.memory.oom_kill = 0;
	assert_null(strstr(measure_limits_table(&arena, &now, false), "x"));
	m.s.memory.oom_kill = 1;
	m.s.memory.max_hits = 0;
	assert_string_equal(measure_limits_table(&arena, &now, false),
			    "ID  RESOURCE  HELD  PEAK  LIMIT  HITS\n"
			    "x   memory    -     -     max    0 (1 killed)\n");
}

static const struct json *parsed(const char *text)
{
	struct json *v = NULL;
	struct err e;

	assert_int_equal(json_parse(&arena, text, strlen(text), &v, &e), 0);
	return v;
}

/* "memory.swap.max": the digits, "null" or "-" when it is not there. */
static const char *digits(const struct json *v, const char *path)
{
	char copy[64], *save, *word;

	snprintf(copy, sizeof(copy), "%s", path);
	for (word = strtok_r(copy, ".", &save); v && word; word = strtok_r(NULL, ".", &save)) {
		const struct json *c = v->first;

		while (c && strcmp(c->key, word))
			c = c->next;
		v = c;
	}
	return !v ? "-" : v->type == JSON_NULL ? "null" : v->text;
}

static void json(void **state)
{
	static const struct {
		const char *path, *digits;
	} want[] = {
		{ "id", "dns1" },		      { "cpu.usage_usec", "2500000" }, { "cpu.quota_usec", "50000" },
		{ "cpu.throttled_usec", "1234567" },  { "cpu.weight", "100" },	       { "cpu.pressure.some.avg60", "2" },
		{ "memory.current", "20971520" },     { "memory.high", "null" },       { "memory.swap.max", "16777216" },
		{ "memory.events.oom_kill", "2" },    { "memory.inactive_file", "4194304" },
		{ "memory.pressure.full.avg10", "0.05" }, { "pids.max", "null" },	       { "pids.events.max", "0" },
		{ "hugetlb.2MB.events.max", "3" },    { "hugetlb.1GB.max", "null" },   { "io.pressure.some.total", "-" },
		{ "network.bandwidth.in.limit_bit", "100000000" }, { "network.bandwidth.in.bytes", "4194304" },
		{ "network.bandwidth.in.packets", "3000" },	   { "network.bandwidth.in.delayed", "70" },
		{ "network.bandwidth.in.dropped", "5" },	   { "network.bandwidth.out.limit_bit", "null" },
		{ "network.bandwidth.out.bytes", "-" },
	};
	measures now = two();
	const struct json *all = parsed(measure_json(&arena, &now)), *x;

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++)
		assert_string_equal(digits(json_item(all, 0), want[i].path), want[i].digits);
	x = json_get(json_get(json_item(all, 0), "io"), "devices");
	assert_int_equal(x->len, 2);
	assert_string_equal(digits(json_item(x, 1), "rbytes"), "1048576");
	x = json_get(json_get(json_item(all, 0), "network"), "interfaces");
	assert_int_equal(x->len, 2);
	assert_string_equal(json_get(json_item(x, 1), "name")->text, "eth1");
	assert_string_equal(digits(json_item(x, 0), "tx_dropped"), "4");
	assert_int_equal(json_item(all, 1)->len, 1); /* nothing but the id */
}

static void limits_json(void **state)
{
	static const char *const fields[] = { "resource", "held", "peak", "limit", "limit_percent", "limit_bit",
					      "hits",	  "oom_kills", "throttled_usec", "dropped" };
	measures now = two();
	const struct json *v = parsed(measure_limits_json(&arena, &now, true)), *one;
	struct text t = { .arena = &arena };

	(void)state;
	assert_int_equal(v->len, 2);
	assert_int_equal(json_get(json_item(v, 1), "limits")->len, 0);
	one = json_get(json_item(v, 0), "limits");
	for (const struct json *l = one->first; l; l = l->next) {
		for (size_t i = 0; i < COUNT(fields); i++)
			text_add(&t, "%s ", digits(l, fields[i]));
		text_add(&t, "\n");
	}
	assert_string_equal(text_str(&t), "memory 20971520 62914560 67108864 - - 12 2 - - \n"
					  "memory.high 20971520 62914560 null - - 0 - - - \n"
					  "swap 1048576 2097152 16777216 - - 1 - - - \n"
					  "pids 5 9 null - - 0 - - - \n"
					  "cpu - - - 50 - 34 - 1234567 - \n"
					  "bandwidth.in - - - - 100000000 70 - - 5 \n"
					  "bandwidth.out - - - - null 0 - - 0 \n"
					  "hugetlb.2MB 2097152 - 8388608 - - 3 - - - \n"
					  "hugetlb.1GB 0 - null - - 0 - - - \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event),
		cmocka_unit_test(unlimited_as_runc),
		cmocka_unit_test(table),
		cmocka_unit_test(limits_table),
		cmocka_unit_test(killed_without_limit),
		cmocka_unit_test(json),
		cmocka_unit_test(limits_json),
	};
	int r = RUN(tests);

	arena_done(&arena);
	return r;
}
