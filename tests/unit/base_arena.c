/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <signal.h>
#include <sys/wait.h>

#include "unit.h"

static void gives_zeroed_aligned_memory(void **state)
{
	auto_arena a = { 0 };

	(void)state;
	for (size_t size = 0; size < 20000; size = size * 2 + 1) {
		char *p = arena_alloc(&a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
}

static void pieces_do_not_overlap(void **state)
{
	enum { N = 2000 };
	auto_arena a = { 0 };
	unsigned char *piece[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		piece[i] = arena_alloc(&a, i % 97 + 1);
		memset(piece[i], (int)(i % 251), i % 97 + 1);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k <= i % 97; k++)
			assert_int_equal(piece[i][k], i % 251);
}

static void copies_text(void **state)
{
	auto_arena a = { 0 };
	char huge[5000];

	(void)state;
	memset(huge, 'h', sizeof(huge));
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_string_equal(arena_strdup(&a, "abc"), "abc");
	assert_string_equal(arena_strndup(&a, "abc", 2), "ab");
	assert_string_equal(arena_printf(&a, "%s-%d", "x", -5), "x--5");
	assert_int_equal(strlen(arena_printf(&a, "%.*s", 5000, huge)), 5000);
}

static void an_array_grows_and_ends_with_zero(void **state)
{
	auto_arena a = { 0 };
	int *at = NULL;

	(void)state;
	for (size_t len = 0; len < 1000; len++) {
		int *more = arena_grow(&a, at, len, sizeof(*at));

		assert_true(len == 0 || (len >= 16 && !(len & (len - 1))) ? more != at : more == at);
		at = more;
		at[len] = (int)len + 1;
		assert_int_equal(at[len + 1], 0);
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(at[i], i + 1);
}

/* A count from a document times a size must not wrap to a small allocation. */
static void an_array_that_overflows_aborts(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		auto_arena a = { 0 };

		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		arena_array(&a, SIZE_MAX / 8 + 2, 16);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void done_twice(void **state)
{
	struct arena a = { 0 };

	(void)state;
	arena_done(&a);
	arena_alloc(&a, 10);
	arena_done(&a);
	arena_done(&a);
	assert_null(a.top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_aligned_memory),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(copies_text),
		cmocka_unit_test(an_array_that_overflows_aborts),
		cmocka_unit_test(an_array_grows_and_ends_with_zero),
		cmocka_unit_test(done_twice),
	};

	return RUN(tests);
}
