/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of callers: ids become directory and cgroup names, signals become numbers. */
#include <signal.h>

#include "runtime/container.h"
#include "unit.h"

static void ids(void **state)
{
	static const char *const good[] = { "a", "0", "web-1", "A_b.c+d", "a..b", "_x", "+", "a-", "-a", "--" };
	static const char *const bad[] = { "", ".", "..", ".a", "-", "a/b", "/a", "a/", "../a", "a b",
					   "a\n", "a:b", "a\\b", "ä", "a*", "a%", "a@b", "a,b", "a\x7f", "a\x01" };
	char longest[1100];
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_int_equal(ct_check_id(good[i], &e), 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(ct_check_id(bad[i], &e), -EINVAL);
		assert_memory_equal(e.msg, "invalid container id", 20);
	}
	memset(longest, 'x', sizeof(longest));
	longest[1024] = 0;
	assert_int_equal(ct_check_id(longest, &e), 0);
	longest[1024] = 'x';
	longest[1025] = 0;
	assert_int_equal(ct_check_id(longest, &e), -EINVAL);
}

static void signals(void **state)
{
	static const struct {
		const char *word;
		int number; /* 0: refused */
	} rows[] = {
		{ "1", 1 }, { "9", 9 }, { "64", 64 }, { "0", 0 }, { "65", 0 }, { "-9", 0 }, { " 9", 0 },
		{ "9 ", 0 }, { "0x9", 0 }, { "TERM", SIGTERM }, { "SIGTERM", SIGTERM },
		{ "term", SIGTERM }, { "sigterm", SIGTERM }, { "SigKill", SIGKILL }, { "SIGSIGTERM", 0 },
		{ "SIG", 0 }, { "", 0 }, { "TER", 0 }, { "TERMX", 0 }, { "IOT", SIGABRT },
		{ "POLL", SIGIO }, { "CLD", SIGCHLD }, { "RTMIN", 34 }, { "SIGRTMIN", 34 },
		{ "rtmin+3", 37 }, { "RTMIN+30", 64 }, { "RTMIN+31", 0 }, { "RTMIN-1", 0 },
		{ "RTMAX", 64 }, { "RTMAX-30", 34 }, { "RTMAX-31", 0 }, { "RTMAX+1", 0 },
		{ "RTMIN+", 0 }, { "RTMIN3", 0 }, { "RTMIN+-1", 0 }, { "RTMIN+4294967296", 0 },
		{ "SIGRTMIN+00000003", 0 },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(ct_signal(rows[i].word, &e), rows[i].number ? rows[i].number : -EINVAL);
	/* Each signal of this system by its name. */
	for (int s = 1; s < 32; s++)
		assert_int_equal(ct_signal(sigabbrev_np(s), &e), s);
}

static void the_place_of_the_state(void **state)
{
	auto_arena a = { 0 };

	(void)state;
	unsetenv("XDG_RUNTIME_DIR");
	assert_string_equal(ct_default_root(&a), "/run/kist");
	setenv("XDG_RUNTIME_DIR", "", 1);
	assert_string_equal(ct_default_root(&a), "/run/kist");
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	assert_string_equal(ct_default_root(&a), geteuid() ? "/run/user/7/kist" : "/run/kist");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(signals),
		cmocka_unit_test(the_place_of_the_state),
	};

	return RUN(tests);
}
