/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/text.h"
#include "storage/view.h"

/* Three layers in a temporary directory; whiteouts and opaque directories need root. */
static struct arena arena;
static char top[64];
static struct st_view root;

static const char *at(int layer, const char *path)
{
	return arena_printf(&arena, "%s/%d/%s", top, layer, path);
}

static void dir(int layer, const char *path)
{
	assert_int_equal(path_mkdirs(at(layer, path), 0755), 0);
}

static void file(int layer, const char *path, const char *text)
{
	int fd = open(at(layer, path), O_CREAT | O_WRONLY | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void whiteout(int layer, const char *path)
{
	assert_int_equal(mknod(at(layer, path), S_IFCHR, makedev(0, 0)), 0);
}

static int make(void **state)
{
	(void)state;
	strcpy(top, "/tmp/storage_view-XXXXXX");
	assert_non_null(mkdtemp(top));
	for (int i = 0; i < 3; i++)
		dir(i, "etc");
	file(2, "etc/passwd", "low");
	file(2, "etc/group", "low group");
	file(2, "etc/gone", "hidden");
	file(1, "etc/passwd", "middle");
	file(0, "etc/top", "top");
	dir(2, "opaque/below");
	file(2, "opaque/old", "hidden");
	dir(1, "opaque");
	file(1, "opaque/new", "shown");
	dir(2, "usr/lib/deep");
	file(2, "usr/lib/deep/f", "deep");
	dir(2, "changes");
	file(2, "changes/inside", "hidden");
	file(1, "changes", "now a file");
	dir(2, "file-to-dir-parent");
	file(2, "back", "file");
	dir(1, "back");
	assert_int_equal(symlink("usr/lib", at(1, "lib")), 0);
	assert_int_equal(symlink("../../../../../etc/passwd", at(1, "lib-up")), 0);
	assert_int_equal(symlink("/etc/top", at(2, "absolute")), 0);
	assert_int_equal(symlink("loop", at(2, "loop")), 0);
	assert_int_equal(symlink("deep/../deep/f", at(2, "usr/lib/twist")), 0);
	assert_int_equal(mkfifo(at(0, "etc/fifo"), 0644), 0);
	if (getuid() == 0) {
		whiteout(1, "etc/gone");
		assert_int_equal(setxattr(at(1, "opaque"), "trusted.overlay.opaque", "y", 1, 0), 0);
	}
	return st_view_open(&arena, &(strings){ (const char *[]){ at(0, ""), at(1, ""), at(2, "") }, 3 }, &root);
}

static int clean(void **state)
{
	(void)state;
	st_view_done(&root);
	return system(arena_printf(&arena, "rm -rf '%s'", top));
}

static void reads(const char *path, const char *wanted)
{
	char *text;
	size_t len;

	assert_int_equal(st_view_read(&arena, &root, path, 100, &text, &len), 0);
	assert_string_equal(text, wanted);
}

static void fails(const char *path, int r)
{
	char *text;
	size_t len;

	assert_int_equal(st_view_read(&arena, &root, path, 100, &text, &len), r);
}

static void the_top_wins(void **state)
{
	(void)state;
	reads("/etc/passwd", "middle");
	reads("etc/group", "low group");
	reads("/etc/top", "top");
	reads("/changes", "now a file");
	fails("/changes/inside", -ENOTDIR);
	fails("/back", -EINVAL); /* a directory over a file */
	fails("/none", -ENOENT);
	fails("/etc/none", -ENOENT);
	fails("/", -EINVAL);
}

static void hidden(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	fails("/etc/gone", -ENOENT);
	fails("/opaque/old", -ENOENT);
	reads("/opaque/new", "shown");
}

static void links_stay_inside(void **state)
{
	(void)state;
	reads("/lib/deep/f", "deep");
	reads("/lib/twist", "deep");
	reads("/lib-up", "middle");
	reads("/absolute", "top");
	reads("/lib/../etc/top", "top");
	fails("/loop", -ELOOP);
	fails("/etc/passwd/x", -ENOTDIR);
}

static void only_regular_files_of_a_size(void **state)
{
	char *text;
	size_t len;

	(void)state;
	fails("/etc/fifo", -EINVAL); /* and does not wait for a writer */
	assert_int_equal(st_view_read(&arena, &root, "/etc/group", 8, &text, &len), -EFBIG);
}

static const char *names(const char *path)
{
	struct st_view parent = { 0 };
	struct st_entry found;
	struct text t = { .arena = &arena };
	const char *name;
	strings l;

	assert_int_equal(st_view_walk(&arena, &root, path, &parent, &name, &found), 0);
	assert_int_equal(st_view_names(&arena, &found.sub, &l), 0);
	for (size_t i = 0; i < l.len; i++)
		text_add(&t, " %s", l.at[i]);
	st_view_done(&parent);
	st_view_done(&found.sub);
	return text_str(&t);
}

static void merged_names(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	assert_string_equal(names("/etc"), " fifo group passwd top");
	assert_string_equal(names("/opaque"), " new");
	assert_string_equal(names("/back"), "");
	assert_string_equal(names("/"), " absolute back changes etc file-to-dir-parent lib lib-up loop opaque usr");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_top_wins),
		cmocka_unit_test(hidden),
		cmocka_unit_test(links_stay_inside),
		cmocka_unit_test(only_regular_files_of_a_size),
		cmocka_unit_test(merged_names),
	};
	int r = cmocka_run_group_tests(tests, make, clean);

	arena_done(&arena);
	return r;
}
