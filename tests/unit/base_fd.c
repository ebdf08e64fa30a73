/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fd.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "unit.h"

static void a_descriptor_has_one_owner(void **state)
{
	int p[2], kept;

	(void)state;
	assert_int_equal(pipe(p), 0);
	{
		auto_fd one = p[0];
		auto_fd two = p[1];

		kept = take_fd(&two);
		assert_int_equal(one, p[0]);
		assert_int_equal(two, -1);
		assert_int_equal(kept, p[1]);
		errno = ENOTTY;
	}
	assert_int_equal(errno, ENOTTY); /* closing does not hide the reason */
	assert_int_equal(fcntl(p[0], F_GETFD), -1);
	assert_int_equal(fcntl(kept, F_GETFD), 0);
	fd_done(&kept);
	fd_done(&kept);
	assert_int_equal(kept, -1);
	assert_int_equal(fd_open(AT_FDCWD, "/nonexistent", O_RDONLY), -ENOENT);
	kept = fd_open(AT_FDCWD, "/", O_RDONLY);
	assert_int_equal(fcntl(kept, F_GETFD), FD_CLOEXEC);
	fd_done(&kept);
}

static void only_bounded_regular_files_are_read(void **state)
{
	auto_scratch s = scratch_make();
	auto_arena a = { 0 };
	unsigned before = open_fds();
	char *text = NULL;
	size_t len;

	(void)state;
	scratch_write(&s, "file", "0123456789");
	scratch_write(&s, "empty", "");
	assert_int_equal(mkfifoat(s.fd, "fifo", 0600), 0);
	assert_int_equal(mkdirat(s.fd, "dir", 0700), 0);
	assert_int_equal(symlinkat("file", s.fd, "link"), 0);
	assert_int_equal(file_read(&a, s.fd, "file", 10, &text, &len), 0);
	assert_int_equal(len, 10);
	assert_string_equal(text, "0123456789");
	assert_int_equal(file_read(&a, s.fd, "empty", 10, &text, &len), 0);
	assert_int_equal(len, 0);
	assert_string_equal(text, "");
	text = NULL;
	assert_int_equal(file_read(&a, s.fd, "file", 9, &text, &len), -EFBIG);
	assert_int_equal(file_read(&a, s.fd, "fifo", 10, &text, &len), -EINVAL); /* and does not wait for a writer */
	assert_int_equal(file_read(&a, s.fd, "dir", 10, &text, &len), -EISDIR);
	assert_int_equal(file_read(&a, s.fd, "link", 10, &text, &len), -ELOOP);
	assert_int_equal(file_read(&a, s.fd, "none", 10, &text, &len), -ENOENT);
	assert_int_equal(file_read(&a, AT_FDCWD, "/dev/zero", 10, &text, &len), -EINVAL);
	assert_null(text);
	assert_int_equal(file_read(&a, AT_FDCWD, "/proc/self/status", 1 << 16, &text, NULL), 0);
	assert_non_null(strstr(text, "Pid:"));
	assert_int_equal(open_fds(), before);
}

static void everything_is_read_from_a_pipe(void **state)
{
	enum { N = 60000 };
	static char data[N];
	auto_arena a = { 0 };
	char *text;
	size_t len;
	int p[2];

	(void)state;
	memset(data, 'd', N);
	for (size_t max = N - 1; max <= N + 1; max++) {
		assert_int_equal(pipe(p), 0);
		assert_int_equal(fd_write_all(p[1], data, N), 0);
		close(p[1]);
		assert_int_equal(fd_read_all(&a, p[0], max, &text, &len), max < N ? -EFBIG : 0);
		if (max >= N)
			assert_int_equal(len, N);
		close(p[0]);
	}
}

static void writing_says_why_not(void **state)
{
	auto_scratch s = scratch_make();
	int p[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(p), 0);
	close(p[0]);
	assert_int_equal(fd_write_all(p[1], "x", 1), -EPIPE);
	close(p[1]);
	scratch_write(&s, "file", "old");
	assert_int_equal(symlinkat("file", s.fd, "link"), 0);
	assert_int_equal(file_poke(s.fd, "file", "new"), 0);
	assert_int_equal(file_poke(s.fd, "link", "new"), -ELOOP);
	assert_int_equal(file_poke(s.fd, "none", "new"), -ENOENT); /* never creates */
}

static void a_file_is_replaced(void **state)
{
	auto_scratch s = scratch_make();
	auto_arena a = { 0 };
	struct stat st;
	char *text;

	(void)state;
	scratch_write(&s, "victim", "untouched");
	assert_int_equal(symlinkat("victim", s.fd, "f"), 0);
	scratch_write(&s, ".f.new", "left behind by a killed writer");
	for (int how = FILE_VOLATILE; how <= FILE_DURABLE; how++) {
		assert_int_equal(file_put(s.fd, "f", "new", 3, 0640, (enum file_durable)how), 0);
		assert_int_equal(file_read(&a, s.fd, "f", 100, &text, NULL), 0);
		assert_string_equal(text, "new");
	}
	assert_int_equal(fstatat(s.fd, "f", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(file_read(&a, s.fd, "victim", 100, &text, NULL), 0);
	assert_string_equal(text, "untouched");
	assert_int_equal(mkdirat(s.fd, "d", 0700), 0);
	assert_true(file_put(s.fd, "d", "new", 3, 0640, FILE_VOLATILE) < 0);
	assert_int_equal(entries_in(s.path), 3); /* f, victim, d: no temporary */
}

static void a_file_is_made(void **state)
{
	auto_scratch s = scratch_make();
	auto_arena a = { 0 };
	char *text;

	(void)state;
	scratch_write(&s, "other", "longer than it");
	assert_int_equal(linkat(s.fd, "other", s.fd, "f", 0), 0);
	for (int how = FILE_VOLATILE; how <= FILE_DURABLE; how++) {
		assert_int_equal(file_make(s.fd, "f", "new", 3, 0640, (enum file_durable)how), 0);
		assert_int_equal(file_read(&a, s.fd, "f", 100, &text, NULL), 0);
		assert_string_equal(text, "new");
	}
	assert_int_equal(file_read(&a, s.fd, "other", 100, &text, NULL), 0);
	assert_string_equal(text, "longer than it");
	assert_int_equal(mkdirat(s.fd, "d", 0700), 0);
	assert_true(file_make(s.fd, "d", "new", 3, 0640, FILE_VOLATILE) < 0);
	assert_int_equal(entries_in(s.path), 3);
}

struct reader {
	int dir;
	atomic_bool stop;
	unsigned seen[2], torn;
};

static void *read_on(void *p)
{
	struct reader *r = p;

	while (!atomic_load(&r->stop)) {
		auto_arena a = { 0 };
		char *text;
		size_t len;

		if (file_read(&a, r->dir, "f", 1 << 16, &text, &len) || len != 8192 || text[0] != text[8191])
			r->torn++;
		else
			r->seen[text[0] == 'b']++;
	}
	return NULL;
}

static void a_reader_sees_the_old_or_the_new(void **state)
{
	auto_scratch s = scratch_make();
	struct reader r = { .dir = s.fd };
	char text[2][8192];
	pthread_t t;

	(void)state;
	memset(text[0], 'a', sizeof(text[0]));
	memset(text[1], 'b', sizeof(text[1]));
	assert_int_equal(file_put(s.fd, "f", text[0], sizeof(text[0]), 0600, FILE_VOLATILE), 0);
	assert_int_equal(pthread_create(&t, NULL, read_on, &r), 0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(file_put(s.fd, "f", text[i & 1], sizeof(text[0]), 0600, FILE_VOLATILE), 0);
	atomic_store(&r.stop, true);
	pthread_join(t, NULL);
	assert_int_equal(r.torn, 0);
	assert_true(r.seen[0] + r.seen[1] > 0);
}

static void all_but_some_are_closed(void **state)
{
	const int keep[] = { 104, -1, 102, 7 };

	(void)state;
	for (int fd = 100; fd < 108; fd++)
		assert_int_equal(dup2(0, fd), fd);
	assert_int_equal(fd_close_from(101, keep, 4), 0);
	for (int fd = 100; fd < 108; fd++)
		assert_int_equal(fcntl(fd, F_GETFD) >= 0, fd == 100 || fd == 102 || fd == 104);
	assert_int_equal(fd_close_from(100, NULL, 0), 0);
	assert_true(fcntl(100, F_GETFD) < 0 && fcntl(104, F_GETFD) < 0 && fcntl(0, F_GETFD) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_has_one_owner),
		cmocka_unit_test(only_bounded_regular_files_are_read),
		cmocka_unit_test(everything_is_read_from_a_pipe),
		cmocka_unit_test(writing_says_why_not),
		cmocka_unit_test(a_file_is_replaced),
		cmocka_unit_test(a_file_is_made),
		cmocka_unit_test(a_reader_sees_the_old_or_the_new),
		cmocka_unit_test(all_but_some_are_closed),
	};

	return RUN(tests);
}
