/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/wait.h>

#include "images/confine.h"
#include "unit.h"

enum { CANNOT = 77 };

static bool makes(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* 0 when all is as it should be; a number says what is not. */
static int inside(const struct scratch *s, bool confined)
{
	int dir = openat(s->fd, "data", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = confined ? img_confine(dir, NULL) : 0;

	if (r)
		return r == 1 ? CANNOT : 1;
	if (makes(scratch_path(s, "outside")) == confined || makes(scratch_path(s, "host")) == confined)
		return 2;
	if ((linkat(dir, "file", s->fd, "link", 0) == 0) == confined || (mkdirat(s->fd, "made", 0700) == 0) == confined)
		return 3;
	if ((unlinkat(s->fd, "host", 0) == 0) == confined || (renameat(dir, "away", s->fd, "away") == 0) == confined)
		return 4;
	if (!makes(scratch_path(s, "data/new")) || linkat(dir, "file", dir, "a/hard", 0) < 0 || renameat(dir, "new", dir, "a/n") < 0)
		return 5;
	return mkfifoat(dir, "a/fifo", 0600) == 0 && symlinkat("x", dir, "a/sym") == 0 && open(scratch_path(s, "read"), O_RDONLY) >= 0
		       ? 0
		       : 6;
}

static int in_child(bool confined)
{
	auto_scratch s = scratch_make();
	int status;
	pid_t pid;

	assert_int_equal(mkdirat(s.fd, "data", 0700) + mkdirat(s.fd, "data/a", 0700), 0);
	scratch_write(&s, "data/file", "x");
	scratch_write(&s, "data/away", "x");
	scratch_write(&s, "host", "x");
	scratch_write(&s, "read", "x");
	pid = fork();
	if (pid == 0)
		_exit(inside(&s, confined));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* The same attempts succeed without it: the test would notice if they were no attempts. */
static void control(void **state)
{
	(void)state;
	assert_int_equal(in_child(false), 0);
}

static void confined(void **state)
{
	int r = in_child(true);

	(void)state;
	if (r == CANNOT)
		skip();
	assert_int_equal(r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(control), cmocka_unit_test(confined) };

	return RUN(tests);
}
