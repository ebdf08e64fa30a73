/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/spot.h"
#include "unit.h"

static struct arena arena;

static const char *parse(const char *word)
{
	struct spot_word w;
	struct err e = { 0 };
	char *out = arena_alloc(&arena, 600);

	if (spot_parse(&arena, word, &w, &e) < 0)
		snprintf(out, 600, "%s", e.msg);
	else
		snprintf(out, 600, "%s|%s", w.instance ? w.instance : "", w.path);
	return out;
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(parse("dns:/etc"), "dns|/etc");
	assert_string_equal(parse("dns:etc:x"), "dns|etc:x");
	assert_string_equal(parse("/a:b"), "|/a:b");
	assert_string_equal(parse("./a:b"), "|./a:b");
	assert_string_equal(parse("a/b:c"), "|a/b:c");
	assert_string_equal(parse("file"), "|file");
	assert_string_equal(parse(".hidden:x"), "|.hidden:x");
	assert_non_null(strstr(parse("dns:"), "expected NAME:PATH"));
	assert_non_null(strstr(parse(":/x"), "expected NAME:PATH"));
	assert_non_null(strstr(parse("-"), "tar stream"));
	assert_non_null(strstr(parse(""), "empty path"));
}

/* "D name" of what is there, "- name" of what is not; "/" and "." of how it was written; or the errno. */
static const char *find(int root, const char *path, bool follow)
{
	auto_spot s = SPOT_NONE;
	int r = spot_find(&arena, root, path, follow, &s);
	char *out = arena_alloc(&arena, 300);

	if (r < 0)
		return strerror(-r);
	snprintf(out, 300, "%c %s%s%s", !s.exists ? '-' : S_ISDIR(s.st.st_mode) ? 'D' : S_ISLNK(s.st.st_mode) ? 'L' : 'F', s.name,
		 s.slash ? "/" : "", s.dot ? "." : "");
	return out;
}

static void plant(const struct scratch *s)
{
	assert_int_equal(mkdir(scratch_path(s, "d"), 0755), 0);
	assert_int_equal(mkdir(scratch_path(s, "d/in"), 0755), 0);
	scratch_write(s, "d/f", "x");
	assert_int_equal(symlink("d/f", scratch_path(s, "lf")), 0);
	assert_int_equal(symlink("/d/in", scratch_path(s, "abs")), 0);
	assert_int_equal(symlink("../../../../d", scratch_path(s, "up")), 0);
	assert_int_equal(symlink("new", scratch_path(s, "d/dangling")), 0);
	assert_int_equal(symlink("loop", scratch_path(s, "loop")), 0);
}

static void inside(void **state)
{
	auto_scratch s = scratch_make();
	static const struct {
		const char *path;
		bool follow;
		const char *wanted;
	} rows[] = {
		{ "/d/f", false, "F f" },	 { "d/f", false, "F f" },	{ "/d/f/", false, "F f/" },
		{ "d", false, "D d" },		 { "d//", false, "D d/" },	{ "d/.", false, "D ./." },
		{ "/", false, "D ./." },	 { "d/..", false, "D ./." },	{ "../../d/./f", false, "F f" },
		{ "lf", false, "L lf" },	 { "lf", true, "F f" },		{ "abs", false, "L abs" },
		{ "abs/", false, "D in/" },	 { "abs", true, "D in" },	{ "abs/../f", false, "F f" },
		{ "up/f", false, "F f" },	 { "up", true, "D d" },		{ "d/dangling", true, "- new" },
		{ "d/none", true, "- none" },	 { "none/x", true, "No such file or directory" },
		{ "d/f/x", true, "Not a directory" }, { "loop", true, "Too many levels of symbolic links" },
		{ "loop", false, "L loop" },	 { "loop/x", false, "Too many levels of symbolic links" },
	};

	(void)state;
	plant(&s);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(find(s.fd, rows[i].path, rows[i].follow), rows[i].wanted);
}

static void on_the_host(void **state)
{
	auto_scratch s = scratch_make();
	unsigned before = open_fds();

	(void)state;
	plant(&s);
	assert_string_equal(find(-1, scratch_path(&s, "d/f"), false), "F f");
	assert_string_equal(find(-1, scratch_path(&s, "lf"), true), "F f");
	assert_int_equal(symlink("/etc", scratch_path(&s, "conf")), 0);
	assert_string_equal(find(-1, scratch_path(&s, "conf/passwd"), true), "F passwd"); /* the host's */
	assert_string_equal(find(s.fd, "conf/passwd", true), "No such file or directory");
	assert_string_equal(find(-1, ".", false), "D ./.");
	assert_int_equal(open_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(inside),
		cmocka_unit_test(on_the_host),
	};
	int r = RUN(tests);

	arena_done(&arena);
	return r;
}
