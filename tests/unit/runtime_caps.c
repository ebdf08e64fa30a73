/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/caps.h"

#include <linux/capability.h>

#include "unit.h"

/* Not one missing, none twice, each at its number: a name that is not known here cannot be dropped by it. */
static void the_table_is_the_kernels(void **state)
{
	int n = 0;

	(void)state;
	for (const struct word *w = cap_words; w->name; w++) {
		assert_int_equal(w->value, n++);
		assert_true(text_starts(w->name, "CAP_"));
		assert_ptr_equal(word_find(cap_words, w->name), w);
	}
	assert_int_equal(n, CAP_LAST_CAP + 1);
}

static void sets(void **state)
{
	const char *three[] = { "CAP_CHOWN", "CAP_KILL", "CAP_BPF" }, *kill[] = { "CAP_KILL" };
	struct oci_capabilities in = { 0 };
	uint64_t all = 1ULL << CAP_CHOWN | 1ULL << CAP_KILL | 1ULL << CAP_BPF, bit = 1ULL << CAP_KILL;
	struct caps c = { 1, 1, 1, 1, 1 };

	(void)state;
	assert_int_equal(caps_plan(NULL, &c, NULL), 0);
	assert_true(!c.bounding && !c.permitted && !c.effective && !c.inheritable && !c.ambient);
	in.bounding = in.permitted = (strings){ three, 3 };
	in.effective = in.ambient = (strings){ kill, 1 };
	assert_int_equal(caps_plan(&in, &c, NULL), 0);
	assert_true(c.bounding == all && c.permitted == all && c.effective == bit);
	assert_true(!c.inheritable && !c.ambient); /* ambient without inheritable is dropped */
	in.inheritable = (strings){ kill, 1 };
	assert_int_equal(caps_plan(&in, &c, NULL), 0);
	assert_true(c.inheritable == bit && c.ambient == bit);
	in.permitted = in.effective = (strings){ NULL, 0 };
	assert_int_equal(caps_plan(&in, &c, NULL), 0);
	assert_true(!c.ambient); /* nor without permitted */
}

static void refusals(void **state)
{
	static const char *const names[] = { "CAP_FLY", "kill", "KILL", "cap_kill", "CAP_KILL ", "" };
	struct caps c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *two[] = { "CAP_KILL", names[i] };
		struct oci_capabilities in = { .inheritable = { two, 2 } };

		assert_int_equal(caps_plan(&in, &c, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "process.capabilities.inheritable[1]: unknown capability"));
	}
	{
		const char *one[] = { "CAP_KILL" };
		struct oci_capabilities in = { .bounding = { one, 1 }, .effective = { one, 1 } };

		assert_int_equal(caps_plan(&in, &c, &e), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_the_kernels),
		cmocka_unit_test(sets),
		cmocka_unit_test(refusals),
	};

	return RUN(tests);
}
