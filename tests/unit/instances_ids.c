/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "instances/ids.h"

static struct arena arena;
static char top[64];

static const char *pool(const char *subuid, const char *subgid)
{
	struct inst_pool p;
	struct err e = { 0 };

	if (inst_ids_pool(&arena, subuid, subgid, &p, &e) < 0)
		return arena_strdup(&arena, e.msg);
	return arena_printf(&arena, "%u+%u", p.start, p.count);
}

static void ranges(void **state)
{
	const char *usual = "1879048192+268304384";

	(void)state;
	assert_string_equal(pool("", ""), usual);
	assert_string_equal(pool("alice:100000:65536\nkistx:1:2\n", "alice:100000:65536\n"), usual);
	assert_string_equal(pool("a:1:1\nkist:200000:131072\n", "kist:200000:131072"), "200000+131072");
	assert_string_equal(pool("kist:200000:131071\n", "kist:200000:131071"), "200000+65536");
	assert_non_null(strstr(pool("kist:200000:131072\n", ""), "differ"));
	assert_non_null(strstr(pool("kist:200000:131072\n", "kist:200000:65536"), "differ"));
	assert_non_null(strstr(pool("kist:200000:100\n", "kist:200000:100"), "must have 65536"));
	assert_non_null(strstr(pool("kist:0:65536\n", "kist:0:65536"), "not begin at 0"));
	assert_non_null(strstr(pool("kist:4294901761:65536\n", "kist:4294901761:65536"), "must have"));
	assert_string_equal(pool("kist:-5:65536\nkist:x:y\nkist:7\n", ""), usual);
}

static const struct inst_pool usual_pool = { 0x70000000, 0x7ffe0000 - 0x70000000 };

static uint32_t take(const struct st_store *s, const char *name, bool dry)
{
	struct oci_mapping m = { 0 };

	assert_int_equal(inst_ids_take(&arena, s, &usual_pool, name, dry, &m, NULL), 0);
	assert_int_equal(m.container, 0);
	assert_int_equal(m.size, 65536);
	return m.host;
}

/* Every range once; given back, it is given again. */
static void taking(void **state)
{
	struct st_store s = ST_NONE;
	struct err e = { 0 };
	uint32_t first, second;

	(void)state;
	if (getuid() == 0 && access("/etc/subuid", R_OK) == 0 && system("grep -q ^kist: /etc/subuid") == 0)
		skip();
	strcpy(top, "/tmp/instances_ids-XXXXXX");
	assert_non_null(mkdtemp(top));
	assert_int_equal(st_open(&arena, top, true, &s, NULL), 0);
	first = take(&s, "a", true);
	assert_int_equal(first, 0x70000000);
	assert_int_equal(take(&s, "a", false), first);
	second = take(&s, "b", false);
	assert_int_equal(second, first + 65536);
	assert_int_equal(inst_ids_check(&arena, &s, "a", first, &e), 0);
	assert_int_equal(inst_ids_check(&arena, &s, "b", first, &e), -EBUSY);
	assert_non_null(strstr(e.msg, "belong to instance a now"));
	inst_ids_release(&arena, &s, "b", first); /* not its own */
	assert_int_equal(take(&s, "c", true), second + 65536);
	inst_ids_release(&arena, &s, "a", first);
	assert_int_equal(take(&s, "c", false), first);
	assert_int_equal(inst_ids_check(&arena, &s, "d", second + 65536, NULL), 0); /* lost: taken again */
	assert_int_equal(take(&s, "e", true), second + 2 * 65536);
	st_done(&s);
	assert_int_equal(system(arena_printf(&arena, "rm -rf '%s'", top)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ranges), cmocka_unit_test(taking) };
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	arena_done(&arena);
	return r;
}
