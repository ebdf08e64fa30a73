/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/objects.h"
#include "storage/usage.h"
#include "unit.h"

#include <grp.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The library's calls come by here, so that another process's move happens at the worst moment, every time. */
static bool moves;

int unlinkat(int dir, const char *name, int flags)
{
	if (moves && !strcmp(name, "now")) {
		moves = false;
		if (rename("/store/tree/a/b", "/b") < 0)
			_exit(2);
	}
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}

static void kept(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };

	(void)state;
	{
		auto_new file = ST_NEW_NONE, dir = ST_NEW_NONE, lost = ST_NEW_NONE;

		assert_int_equal(st_new_file(s.fd, &file, &e), 0);
		assert_int_equal(st_new_dir(s.fd, &dir, &e), 0);
		assert_int_equal(st_new_file(s.fd, &lost, &e), 0);
		assert_int_equal(entries_in(s.path), 3);
		assert_int_equal(st_new_keep(&file, "file", &e), 0);
		assert_int_equal(st_new_keep(&dir, "dir", &e), 0);
	}
	assert_int_equal(entries_in(s.path), 2);
	scratch_write(&s, "dir/x", "x");
	{
		auto_new file = ST_NEW_NONE, dir = ST_NEW_NONE;

		assert_int_equal(st_new_file(s.fd, &file, &e), 0);
		assert_int_equal(st_new_dir(s.fd, &dir, &e), 0);
		assert_int_equal(st_new_keep(&file, "file", &e), 0);
		assert_int_equal(st_new_keep(&dir, "dir", &e), 1);
	}
	assert_int_equal(entries_in(s.path), 2);
	assert_int_equal(entries_in(scratch_path(&s, "dir")), 1);
}

static ino_t inode_of(const struct scratch *s, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_ino;
}

static void linked(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };

	(void)state;
	scratch_write(&s, "staged", "new");
	scratch_write(&s, "name", "old");
	for (int twice = 0; twice < 2; twice++) { /* then both are one file, and rename(2) leaves the extra name */
		int fd = openat(s.fd, "staged", O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		assert_int_equal(st_link(fd, s.fd, "staged", s.fd, "name", &e), 0);
		close(fd);
		assert_int_equal(inode_of(&s, "name"), inode_of(&s, "staged"));
		assert_int_equal(entries_in(s.path), 2);
	}
	assert_int_equal(st_link(s.fd, s.fd, "absent", s.fd, "name", &e), -ENOENT);
	assert_int_equal(inode_of(&s, "name"), inode_of(&s, "staged"));
	assert_int_equal(entries_in(s.path), 2);
}

static void swept(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };
	struct st_junk junk = { 0 };
	auto_new alive = ST_NEW_NONE;

	(void)state;
	assert_int_equal(st_new_dir(s.fd, &alive, &e), 0);
	assert_int_equal(mkdirat(s.fd, ".new-dead00", 0700), 0);
	assert_int_equal(mkdirat(s.fd, ".other", 0700), 0);
	scratch_write(&s, ".new-dead00/x", "x");
	scratch_write(&s, ".new-dead01", "x");
	assert_int_equal(st_sweep(s.fd, false, &junk, &e), 0);
	assert_int_equal(junk.count, 2);
	assert_int_equal(entries_in(s.path), 4);
	assert_int_equal(st_sweep(s.fd, true, &junk, &e), 0);
	assert_int_equal(junk.count, 4);
	assert_int_equal(junk.failed, 0);
	assert_int_equal(entries_in(s.path), 2);
}

/* Who removes it may be killed: then it is a leftover without its name, once the lock is gone. */
static void unnamed(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };
	struct st_junk junk = { 0 };
	char left[ST_NEW_NAME];
	int lock;

	(void)state;
	assert_int_equal(mkdirat(s.fd, "dir", 0700), 0);
	scratch_write(&s, "dir/file", "x");
	lock = openat(s.fd, "dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(st_unname(s.fd, "dir", left), 0);
	assert_int_equal(faccessat(s.fd, "dir", F_OK, 0), -1);
	assert_int_equal(st_sweep(s.fd, true, &junk, &e), 0);
	assert_int_equal(junk.count, 0);
	close(lock);
	assert_int_equal(st_sweep(s.fd, true, &junk, &e), 0);
	assert_int_equal(junk.count, 1);
	assert_int_equal(entries_in(s.path), 0);
	assert_int_equal(st_unname(s.fd, "dir", left), -ENOENT);
}

/* Deeper than descriptors or a path would reach, and with links that point out of it. */
static void deep_tree(void **state)
{
	enum { DEPTH = 1200 };
	auto_scratch s = scratch_make();
	uint64_t bytes = 0;
	int at = openat(s.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(mkdirat(s.fd, "outside", 0755), 0);
	scratch_write(&s, "outside/keep", "x");
	for (int i = 0; i < DEPTH; i++) {
		int next;

		assert_int_equal(mkdirat(at, "directory-with-a-name", 0700), 0);
		next = openat(at, "directory-with-a-name", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(at);
		at = next;
		assert_int_equal(symlinkat(scratch_path(&s, "outside"), at, "link"), 0);
		assert_int_equal(mkdirat(at, "sibling", 0700), 0);
	}
	close(at);
	assert_int_equal(st_usage(s.fd, "outside", &bytes, NULL), 0);
	assert_true(bytes > 0);
	assert_int_equal(st_remove_tree(s.fd, "directory-with-a-name"), 0);
	assert_int_equal(entries_in(s.path), 1);
	assert_int_equal(entries_in(scratch_path(&s, "outside")), 1);
	assert_int_equal(st_remove_tree(s.fd, "nothing"), 0);
	assert_int_equal(symlinkat("outside", s.fd, "link"), 0);
	assert_int_equal(st_remove_tree(s.fd, "link"), 0);
	assert_int_equal(entries_in(scratch_path(&s, "outside")), 1);
}

/* What fails this test removes whatever it comes to: it must find nothing above, and have no right to anything. */
static bool enter_cage(const struct scratch *s)
{
	enum { NOBODY = 65534 };

	return fchown(s->fd, NOBODY, NOBODY) == 0 && chroot(s->path) == 0 && chdir("/") == 0 && close(s->fd) == 0 &&
	       setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static int remove_what_moves(void)
{
	static const char *const dirs[] = { "/host", "/host/keep", "/store", "/store/tree",
					    "/store/tree/a", "/store/tree/a/b", "/store/tree/a/b/c", "/store/tree/a/b/c/now" };

	for (size_t i = 0; i < COUNT(dirs); i++)
		if (mkdir(dirs[i], 0755) < 0)
			return 3;
	moves = true;
	if (st_remove_tree(AT_FDCWD, "store/tree") != -ESTALE)
		return 4;
	return access("/host/keep", F_OK) < 0 ? 5 : st_remove_tree(AT_FDCWD, "store/tree") < 0 ? 6 : 0;
}

/* Upwards by "..", the way would lead to somebody else's files. */
static void moved_tree(void **state)
{
	auto_scratch s = scratch_make();
	pid_t child;
	int status;

	(void)state;
	if (geteuid() != 0) {
		print_message("# only root can lock itself up\n");
		skip();
	}
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(enter_cage(&s) ? remove_what_moves() : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept),
		cmocka_unit_test(linked),
		cmocka_unit_test(swept),
		cmocka_unit_test(unnamed),
		cmocka_unit_test(deep_tree),
		cmocka_unit_test(moved_tree),
	};

	return RUN(tests);
}
