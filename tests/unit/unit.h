/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H
/* What unit tests share: cmocka, a directory that vanishes again, and a count of open descriptors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define RUN(tests) (cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))

struct scratch {
	char path[64];
	int fd;
};

static inline int scratch_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* A failed assertion jumps out of the test: what it made goes at the end of the program. */
static inline char (*scratch_left(void))[64]
{
	static char left[16][64];

	return left;
}

static inline void scratch_sweep(void)
{
	for (int i = 0; i < 16; i++)
		if (*scratch_left()[i])
			nftw(scratch_left()[i], scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_done(struct scratch *s)
{
	close(s->fd);
	nftw(s->path, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
	for (int i = 0; i < 16; i++)
		if (!strcmp(scratch_left()[i], s->path))
			*scratch_left()[i] = 0;
}
#define auto_scratch __attribute__((cleanup(scratch_done))) struct scratch

static inline struct scratch scratch_make(void)
{
	struct scratch s = { "/tmp/kist-unit-XXXXXX", -1 };
	static bool registered;
	int i = 0;

	assert_non_null(mkdtemp(s.path));
	while (i < 15 && *scratch_left()[i])
		i++;
	memcpy(scratch_left()[i], s.path, sizeof(s.path));
	if (!registered)
		atexit(scratch_sweep);
	registered = true;
	s.fd = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(s.fd >= 0);
	return s;
}

static inline const char *scratch_path(const struct scratch *s, const char *name)
{
	static char path[4][256];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", s->path, name);
	return p;
}

static inline void scratch_write(const struct scratch *s, const char *name, const char *text)
{
	int fd = openat(s->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static inline unsigned entries_in(const char *path)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		n += e->d_name[0] != '.' || (e->d_name[1] && strcmp(e->d_name, ".."));
	closedir(d);
	return n;
}

static inline unsigned open_fds(void)
{
	return entries_in("/proc/self/fd");
}
#endif
