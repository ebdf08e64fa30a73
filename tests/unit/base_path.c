/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths, and reaching files below a root that somebody else is rewriting at the same moment. */
#include "base/path.h"

#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "unit.h"

static void clean_paths(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "/" }, { "/", "/" }, { "//", "/" }, { ".", "/" }, { "..", "/" }, { "/..", "/" }, { "/../..", "/" },
		{ "a", "/a" }, { "/a/", "/a" }, { "/a/../b//c/.", "/b/c" }, { "a/..", "/" }, { "/a/b/../..", "/" },
		{ "/a/b/../../..", "/" }, { "/a/../../b", "/b" }, { "../../etc/passwd", "/etc/passwd" },
		{ "/..a", "/..a" }, { "/a..", "/a.." }, { "/.a/.b", "/.a/.b" }, { "/a/./././b", "/a/b" },
		{ "/...", "/..." }, { "/a b/\n", "/a b/\n" },
		{ "/a///", "/a" }, { "./a", "/a" }, { "/a/.../b", "/a/.../b" },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(path_clean(&a, rows[i].in), rows[i].out);
		assert_string_equal(path_clean(&a, rows[i].out), rows[i].out);
		assert_string_equal(path_inside(&a, rows[i].in), rows[i].out + 1);
	}
}

static void clean_or_not(void **state)
{
	static const char *const clean[] = { "/", "/a", "a", "a/b", "/..a", "a..", "...", "/a b/\n" };
	static const char *const unclean[] = { "", ".", "..", "//", "/a/", "a/", "/./a", "a/..", "/a//b", "../a", "/.." };

	(void)state;
	for (size_t i = 0; i < COUNT(clean); i++)
		assert_true(path_is_clean(clean[i]));
	for (size_t i = 0; i < COUNT(unclean); i++)
		assert_false(path_is_clean(unclean[i]));
}

static void joined_paths(void **state)
{
	auto_arena a = { 0 };

	(void)state;
	assert_string_equal(path_join(&a, "/a", "b"), "/a/b");
	assert_string_equal(path_join(&a, "/a/", "b"), "/a/b");
	assert_string_equal(path_join(&a, "/", "b"), "/b");
	assert_string_equal(path_join(&a, "/a", "/b"), "/b");
	assert_true(path_is_under("/a", "/a"));
	assert_true(path_is_under("/a/b", "/a"));
	assert_true(path_is_under("/a", "/"));
	assert_false(path_is_under("/ab", "/a"));
	assert_false(path_is_under("/", "/a"));
	assert_false(path_is_under("/proc2", "/proc"));
}

/* SCRATCH/root is the root, SCRATCH/out must stay empty whatever the links say. */
struct cage {
	struct scratch s;
	int root;
};

static struct cage cage_make(void)
{
	struct cage c = { .s = scratch_make() };

	assert_int_equal(mkdirat(c.s.fd, "root", 0755), 0);
	assert_int_equal(mkdirat(c.s.fd, "out", 0755), 0);
	c.root = openat(c.s.fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(c.root >= 0);
	return c;
}

static void cage_done(struct cage *c)
{
	close(c->root);
	scratch_done(&c->s);
}
#define auto_cage __attribute__((cleanup(cage_done))) struct cage

static bool same_file(int fd, int dir, const char *path)
{
	struct stat a, b;

	if (fd < 0 || fstat(fd, &a) < 0 || fstatat(dir, path, &b, 0) < 0)
		return false;
	return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static void links_stay_inside(void **state)
{
	auto_cage c = cage_make();
	static const char *const paths[] = { "/up/x", "/chain/x", "/../up/x", "/out/x", "/up/../chain/y", "/abs/x" };
	char out[128];

	(void)state;
	snprintf(out, sizeof(out), "%s/out", c.s.path);
	assert_int_equal(mkdirat(c.root, "out", 0755), 0);
	assert_int_equal(symlinkat(out, c.root, "abs"), 0); /* inside, that place does not exist */
	assert_int_equal(symlinkat("../out", c.root, "up"), 0);
	assert_int_equal(symlinkat("up", c.root, "chain"), 0);
	assert_int_equal(symlinkat("/proc/self/root", c.root, "magic"), 0);
	for (size_t i = 0; i < COUNT(paths); i++) {
		auto_fd dir = path_make_in(c.root, paths[i], PATH_DIR);
		auto_fd file = path_make_in(c.root, paths[i], PATH_FILE);
		const char *name;
		auto_fd parent = path_parent_in(c.root, paths[i], &name);

		if (i < COUNT(paths) - 1)
			assert_true(same_file(dir, c.root, strchr(paths[i], 'y') ? "out/y" : "out/x"));
		assert_int_equal(file < 0, dir < 0);
		fd_done(&file);
		file = path_make_missing(c.root, paths[i], PATH_FILE); /* somebody made it meanwhile */
		assert_int_equal(file < 0, dir < 0);
		assert_true(parent < 0 || mkdirat(parent, "made", 0700) == 0 || errno == EEXIST);
		assert_int_equal(entries_in(out), 0);
	}
	assert_int_equal(path_open_in(c.root, "/magic/etc", O_PATH), -ENOENT); /* /proc of the root: none */
	assert_int_equal(path_open_in(c.root, "/../../etc/passwd", O_PATH), -ENOENT);
}

/* With a real procfs below the root, its links lead out of any root: they are refused. */
static void magic_links_are_refused(void **state)
{
	auto_fd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(path_open_in(root, "/proc/self/root", O_PATH), -ELOOP);
	assert_int_equal(path_open_in(root, "/proc/self/cwd", O_PATH), -ELOOP);
	assert_int_equal(path_open_in(root, "/proc/self/fd/0", O_PATH), -ELOOP);
}

static void what_is_missing_is_made(void **state)
{
	auto_cage c = cage_make();
	auto_fd dir = path_make_in(c.root, "/a/b/c", PATH_DIR);
	auto_fd file = path_make_in(c.root, "/a/f", PATH_FILE);
	auto_fd again = path_make_in(c.root, "/a/b/c", PATH_DIR);
	auto_fd missing = path_make_missing(c.root, "/m/n", PATH_FILE);
	const char *name;
	auto_fd parent = path_parent_in(c.root, "/d/e/null", &name);
	struct stat st;

	(void)state;
	assert_true(same_file(dir, c.root, "a/b/c"));
	assert_true(same_file(again, c.root, "a/b/c"));
	assert_true(same_file(missing, c.root, "m/n"));
	assert_true(same_file(file, c.root, "a/f"));
	assert_int_equal(fstat(file, &st), 0);
	assert_true(S_ISREG(st.st_mode) && st.st_size == 0);
	assert_true(same_file(parent, c.root, "d/e"));
	assert_string_equal(name, "null");
	assert_true(path_make_in(c.root, "/a/f/below", PATH_DIR) < 0); /* a file is no directory */
}

/* /etc/resolv.conf of many images points at what only a booted machine has. */
static void a_dangling_link_gets_its_target(void **state)
{
	auto_cage c = cage_make();
	auto_fd etc = path_make_in(c.root, "/etc", PATH_DIR);
	auto_fd file = -1;
	auto_fd loop = -1;

	(void)state;
	assert_int_equal(symlinkat("../run/resolv.conf", etc, "resolv.conf"), 0);
	assert_int_equal(symlinkat("loop", etc, "loop"), 0);
	file = path_make_in(c.root, "/etc/resolv.conf", PATH_FILE);
	assert_true(same_file(file, c.root, "run/resolv.conf"));
	loop = path_make_in(c.root, "/etc/loop", PATH_FILE);
	assert_int_equal(loop, -ELOOP);
}

static void too_long_is_an_error(void **state)
{
	auto_cage c = cage_make();
	static char path[5000];
	const char *name;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	assert_int_equal(path_make_in(c.root, path, PATH_DIR), -ENAMETOOLONG);
	assert_int_equal(path_parent_in(c.root, path, &name), -ENAMETOOLONG);
	path[300] = 0;
	assert_int_equal(path_make_in(c.root, path, PATH_DIR), -ENAMETOOLONG);
}

struct exchanger {
	int root;
	atomic_bool stop;
	atomic_uint rounds;
};

static void *exchange(void *p)
{
	struct exchanger *x = p;

	while (!atomic_load(&x->stop)) {
		syscall(SYS_renameat2, x->root, "a", x->root, "b", RENAME_EXCHANGE);
		atomic_fetch_add(&x->rounds, 1);
	}
	return NULL;
}

/* Nothing may appear outside while a directory and a link to the outside change places (CVE-2024-45310). */
static void a_race_is_lost_by_the_attacker(void **state)
{
	auto_cage c = cage_make();
	struct exchanger x = { .root = c.root };
	char out[128], naive[160], deep[32];
	unsigned made = 0;
	pthread_t t;

	(void)state;
	snprintf(out, sizeof(out), "%s/out", c.s.path);
	assert_int_equal(mkdirat(c.root, "a", 0755), 0);
	assert_int_equal(symlinkat(out, c.root, "b"), 0);
	assert_int_equal(pthread_create(&t, NULL, exchange, &x), 0);
	for (unsigned i = 0; i < 5000 || (atomic_load(&x.rounds) < 5000 && i < 100000); i++) {
		const char *name;

		snprintf(deep, sizeof(deep), "/a/%u/y", i % 500);
		{
			auto_fd fd = path_make_in(c.root, deep, i & 1 ? PATH_DIR : PATH_FILE);
			auto_fd parent = path_parent_in(c.root, "/a/p/q", &name);

			made += fd >= 0 && parent >= 0;
		}
		if (i % 500 == 0)
			assert_int_equal(entries_in(out), 0);
	}
	assert_int_equal(entries_in(out), 0);
	assert_true(made > 0);
	/* The control: the same by a plain path goes out, so the race was a race. */
	snprintf(naive, sizeof(naive), "%s/root/a/naive", c.s.path);
	for (unsigned i = 0; i < 100000 && !entries_in(out); i++) {
		if (mkdir(naive, 0755) == 0 && !entries_in(out))
			rmdir(naive);
	}
	atomic_store(&x.stop, true);
	pthread_join(t, NULL);
	assert_int_equal(entries_in(out), 1);
}

static void own_directories(void **state)
{
	auto_scratch s = scratch_make();
	auto_fd dir = -1;
	struct stat st;

	(void)state;
	assert_int_equal(path_mkdirs(scratch_path(&s, "x/y/z"), 0700), 0);
	assert_int_equal(path_mkdirs(scratch_path(&s, "x/y/z"), 0700), 0);
	assert_int_equal(fstatat(s.fd, "x/y", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	scratch_write(&s, "x/one", "1");
	assert_int_equal(symlinkat("one", s.fd, "x/link"), 0);
	dir = openat(s.fd, "x", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(path_empty_dir(dir), 0);
	assert_int_equal(faccessat(s.fd, "x/one", F_OK, 0), -1);
	assert_int_equal(faccessat(s.fd, "x/y", F_OK, 0), 0);
	assert_true(path_mkdirs(scratch_path(&s, "x/link/below"), 0700) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_paths), cmocka_unit_test(clean_or_not),
		cmocka_unit_test(joined_paths),
		cmocka_unit_test(links_stay_inside),
		cmocka_unit_test(magic_links_are_refused),
		cmocka_unit_test(what_is_missing_is_made),
		cmocka_unit_test(a_dangling_link_gets_its_target),
		cmocka_unit_test(too_long_is_an_error),
		cmocka_unit_test(a_race_is_lost_by_the_attacker),
		cmocka_unit_test(own_directories),
	};

	return RUN(tests);
}
