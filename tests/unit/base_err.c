/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include "unit.h"

static void says_code_and_sentence(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, EINVAL, "a %d %s", 1, "b"), -EINVAL);
	assert_int_equal(e.code, EINVAL);
	assert_string_equal(e.msg, "a 1 b");
	errno = ENOENT;
	assert_int_equal(err_sys(&e, "open %s", "/x"), -ENOENT);
	assert_string_equal(e.msg, "open /x: No such file or directory");
	assert_int_equal(err_num(&e, -EACCES, "read"), -EACCES);
	assert_int_equal(e.code, EACCES);
	assert_string_equal(e.msg, "read: Permission denied");
}

static void grows_in_both_directions(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, EPERM, "x");
	assert_int_equal(err_in(&e, -7, "mounts[%d]", 3), -7);
	assert_string_equal(e.msg, "mounts[3]: x");
	assert_int_equal(err_path(&e, -8, "a.%s", "b"), -8);
	assert_string_equal(e.msg, "a.bmounts[3]: x");
	assert_int_equal(err_hint(&e, -9, "try %s", "this"), -9);
	assert_string_equal(e.msg, "a.bmounts[3]: x; try this");
	assert_int_equal(e.code, EPERM);
}

static void nobody_listens(void **state)
{
	(void)state;
	errno = EIO;
	assert_int_equal(err_set(NULL, EINVAL, "x"), -EINVAL);
	assert_int_equal(err_sys(NULL, "x"), -EIO);
	assert_int_equal(err_num(NULL, -EPERM, "x"), -EPERM);
	assert_int_equal(err_in(NULL, -1, "x"), -1);
	assert_int_equal(err_path(NULL, -2, "x"), -2);
	assert_int_equal(err_hint(NULL, -3, "x"), -3);
}

/* At every length around the limit: cut, ended, and not one byte further. */
static void is_cut_and_ended(void **state)
{
	struct {
		struct err e;
		char guard[16];
	} v;
	char longest[600];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	for (size_t n = 480; n < sizeof(longest); n++) {
		size_t kept = n < sizeof(v.e.msg) - 1 ? n : sizeof(v.e.msg) - 1;

		memset(&v, 'g', sizeof(v));
		err_set(&v.e, EINVAL, "%.*s", (int)n, longest);
		assert_int_equal(strlen(v.e.msg), kept);
		err_hint(&v.e, -1, "hint that is longer than what is left of the room");
		assert_true(strlen(v.e.msg) < sizeof(v.e.msg));
		err_in(&v.e, -1, "some context");
		assert_true(strlen(v.e.msg) < sizeof(v.e.msg));
		assert_memory_equal(v.e.msg, "some context: xxx", 17);
		err_num(&v.e, -EPERM, "%.*s", (int)n, longest);
		assert_true(strlen(v.e.msg) < sizeof(v.e.msg));
		assert_memory_equal(v.guard, "gggggggggggggggg", sizeof(v.guard));
	}
	assert_int_equal(sizeof(v.e), 512); /* it crosses the channel as it is */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_code_and_sentence),
		cmocka_unit_test(grows_in_both_directions),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(is_cut_and_ended),
	};

	return RUN(tests);
}
