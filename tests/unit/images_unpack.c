/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives made entry by entry, also such as tar(1) would not make, and what becomes of them. */
#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "images/unpack.h"
#include "unit.h"

enum { HARD = 1 }; /* a kind beside AE_IF… */

struct made {
	unsigned kind;
	const char *name, *text; /* text: content, or where a link points */
};

static void add(struct archive *w, const struct made *m)
{
	struct archive_entry *en = archive_entry_new();
	size_t len = m->kind == AE_IFREG && m->text ? strlen(m->text) : 0;

	archive_entry_set_pathname(en, m->name);
	archive_entry_set_mode(en, (m->kind == HARD ? AE_IFREG : m->kind) | (m->kind == AE_IFDIR ? 0755 : 0644));
	archive_entry_set_uid(en, getuid());
	archive_entry_set_gid(en, getgid());
	archive_entry_set_size(en, (int64_t)len);
	archive_entry_set_mtime(en, 1000000, 5);
	if (m->kind == HARD)
		archive_entry_set_hardlink(en, m->text);
	if (m->kind == AE_IFLNK)
		archive_entry_set_symlink(en, m->text);
	assert_true(archive_write_header(w, en) >= ARCHIVE_WARN);
	if (len)
		assert_int_equal(archive_write_data(w, m->text, len), len);
	archive_entry_free(en);
}

static int archive_of(const struct made *m, size_t n)
{
	struct archive *w = archive_write_new();
	int fd = memfd_create("archive", MFD_CLOEXEC);

	archive_write_set_format_pax(w);
	assert_int_equal(archive_write_open_fd(w, fd), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++)
		add(w, &m[i]);
	assert_int_equal(archive_write_close(w), ARCHIVE_OK);
	archive_write_free(w);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int unpack_fd(int fd, int root, const struct img_limits *l, struct err *e)
{
	auto_arena a = { 0 };
	auto_feed f = { 0 };
	auto_stream s = IMG_STREAM_NONE;
	auto_tree t = { .parent = -1 };
	img_digest plain, packed;
	int r = img_feed_begin(&f, &a, fd, e);

	if (!r)
		r = img_stream_open(&s, &f, l, e);
	img_tree_begin(&t, &a, root, l);
	if (!r)
		r = img_unpack(&t, &s, e);
	if (!r)
		r = img_stream_finish(&s, plain, packed, e);
	if (!r)
		assert_string_equal(plain, packed);
	return r;
}

static int unpack(const struct made *m, size_t n, int root, struct err *e)
{
	int fd = archive_of(m, n), r = unpack_fd(fd, root, &img_limits_default, e);

	close(fd);
	return r;
}

#define UNPACK(dir, ...)                                                      \
	unpack((const struct made[]){ __VA_ARGS__ },                          \
	       sizeof((const struct made[]){ __VA_ARGS__ }) / sizeof(struct made), (dir)->fd, &e)
#define FILE_(name) { AE_IFREG, name, "x" }
#define DIR_(name) { AE_IFDIR, name, NULL }

static void good(int r, const struct err *e)
{
	if (r < 0)
		fail_msg("%s", e->msg);
}

static struct stat look(const struct scratch *s, const char *name)
{
	struct stat st;

	if (fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		fail_msg("%s: %s", name, strerror(errno));
	return st;
}

static void is_text(const struct scratch *s, const char *name, const char *wanted)
{
	char got[64] = "";
	int fd = openat(s->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	assert_string_equal(got, wanted);
}

static bool is_whiteout(const struct scratch *s, const char *name)
{
	struct stat st = look(s, name);

	return S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
}

/* Two directories: the tree is in one of them, and nothing may come into the other or beside it. */
struct refused {
	const char *says;
	struct made made[4];
};

static const struct refused refused[] = {
	{ "\"../x\" has \"..\"", { FILE_("../x") } },
	{ "\"a/../../x\" has \"..\"", { FILE_("a/../../x") } },
	{ "\"/../x\" has \"..\"", { FILE_("/../x") } },
	{ "has \"..\"", { DIR_("..") } },
	{ "\"l/x\" goes through a symbolic link", { { AE_IFLNK, "l", "../outside" }, FILE_("l/x") } },
	{ "goes through a symbolic link", { { AE_IFLNK, "l", "." }, DIR_("l/x/y") } },
	{ "goes through a symbolic link", { DIR_("d"), { AE_IFLNK, "d/l", "/" }, { AE_IFLNK, "d/l/x", "y" } } },
	{ "goes through a symbolic link", { { AE_IFLNK, "l", "../outside" }, { AE_IFREG, "l/.wh.x", "" } } },
	{ "goes through a symbolic link", { { AE_IFLNK, "l", "../outside" }, { AE_IFREG, "l/.wh..wh..opq", "" } } },
	{ "goes through something that is no directory", { FILE_("f"), FILE_("f/x") } },
	{ "is a hard link to what is not in the layer", { { HARD, "h", "etc/passwd" } } },
	{ "has \"..\"", { { HARD, "h", "../outside/secret" } } },
	{ "is a hard link through a symbolic link", { { AE_IFLNK, "l", "../outside" }, { HARD, "h", "l/secret" } } },
	{ "make the hard link", { DIR_("d"), { HARD, "h", "d" } } },
	{ "hides nothing that can be", { { AE_IFREG, ".wh.", "" } } },
	{ "hides nothing that can be", { { AE_IFREG, "d/.wh...", "" } } },
	{ "hides nothing that can be", { { AE_IFREG, "d/.wh..", "" } } },
	{ "would replace the root directory", { FILE_(".") } },
	{ "would replace the root directory", { { AE_IFLNK, ".", "/" } } },
	{ "more than 255 bytes",
	  { FILE_("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") } },
};

static void refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		auto_scratch s = scratch_make();
		struct err e = { 0 };
		struct scratch tree = { "", -1 };
		size_t n = 0;
		int r;

		assert_int_equal(mkdirat(s.fd, "tree", 0755) + mkdirat(s.fd, "outside", 0755), 0);
		scratch_write(&s, "outside/secret", "secret");
		tree.fd = openat(s.fd, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		while (n < 4 && refused[i].made[n].name)
			n++;
		r = unpack(refused[i].made, n, tree.fd, &e);
		close(tree.fd);
		if (r >= 0 || !strstr(e.msg, refused[i].says) || strchr(e.msg, '\n'))
			fail_msg("row %zu (%s): %d %s", i, refused[i].says, r, e.msg);
		assert_int_equal(entries_in(scratch_path(&s, "outside")), 1);
		assert_int_equal(entries_in(s.path), 2);
		assert_int_equal(look(&s, "outside/secret").st_nlink, 1);
	}
}

static void replacing(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };

	(void)state;
	good(UNPACK(&s, FILE_("a"), { AE_IFREG, "a", "second" }, DIR_("d"), FILE_("d/x"), DIR_("d"), { AE_IFREG, "d", "file" },
		    { AE_IFLNK, "l", "a" }, { AE_IFREG, "l", "own" }, { AE_IFLNK, "m", "/" }, DIR_("m"), FILE_("m/x"),
		    FILE_("deep/er/x"), { AE_IFLNK, "deep", "a" }, DIR_("deep"), FILE_("deep/er/y")),
	     &e);
	is_text(&s, "a", "second");
	is_text(&s, "d", "file");
	is_text(&s, "l", "own");
	is_text(&s, "m/x", "x");
	is_text(&s, "deep/er/y", "x");
	assert_int_equal(faccessat(s.fd, "deep/er/x", F_OK, 0), -1);
}

static void names(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };

	(void)state;
	good(UNPACK(&s, DIR_("./"), FILE_("/absolute"), FILE_("./dot/./file"), FILE_("two//slashes"), DIR_("slash/"),
		    { HARD, "hard", "/absolute" }, { HARD, "hard", "./hard" }, { AE_IFLNK, "dangling", "../../../../etc" },
		    FILE_("implied/a/b/c")),
	     &e);
	is_text(&s, "dot/file", "x");
	is_text(&s, "two/slashes", "x");
	is_text(&s, "implied/a/b/c", "x");
	assert_int_equal(look(&s, "absolute").st_nlink, 2);
	assert_true(S_ISLNK(look(&s, "dangling").st_mode));
	assert_int_equal(look(&s, "slash").st_mtim.tv_sec, 1000000);
	assert_int_equal(look(&s, ".").st_mtim.tv_nsec, 5);
}

static void whiteouts(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };
	char opaque[2] = "";

	(void)state;
	if (getuid() != 0)
		skip(); /* trusted attributes need root */
	good(UNPACK(&s, { AE_IFREG, ".wh.gone", "" }, { AE_IFREG, "d/.wh.gone", "" }, DIR_("o"), { AE_IFREG, "o/.wh..wh..opq", "" },
		    FILE_("both"), { AE_IFREG, ".wh.both", "" }, { AE_IFREG, ".wh.later", "" }, FILE_("later"),
		    { AE_IFREG, ".wh.dir", "" }, FILE_("dir/x"), { AE_IFREG, ".wh.again", "" }, DIR_("again"),
		    { AE_IFREG, ".wh..wh.aufs", "" }),
	     &e);
	assert_true(is_whiteout(&s, "gone") && is_whiteout(&s, "d/gone"));
	is_text(&s, "both", "x");
	is_text(&s, "later", "x");
	is_text(&s, "dir/x", "x");
	assert_int_equal(faccessat(s.fd, ".wh..wh.aufs", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	for (size_t i = 0; i < 3; i++) {
		static const char *const opaques[] = { "o", "again", "dir" };

		if (getxattr(scratch_path(&s, opaques[i]), IMG_OPAQUE, opaque, 2) != 1 || *opaque != 'y')
			fail_msg("%s is not opaque", opaques[i]);
	}
}

static void attributes(void **state)
{
	static const char *const good_ones[] = { "user.x", "security.capability", "system.posix_acl_access" };
	static const char *const bad_ones[] = { "trusted.overlay.redirect", "trusted.overlay.opaque", "user.overlay.opaque",
						"trusted.x",		    "security.selinux",	      "user", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(good_ones); i++)
		assert_true(img_xattr_allowed(good_ones[i]));
	for (size_t i = 0; i < COUNT(bad_ones); i++)
		assert_false(img_xattr_allowed(bad_ones[i]));
}

static void limits(void **state)
{
	const struct made rows[] = { FILE_("a"), FILE_("b"), FILE_("c") };
	const struct img_limits few = { 1 << 20, 2, 0 }, small = { 1024, 100, 0 };
	auto_scratch s = scratch_make();
	struct err e = { 0 };
	int fd = archive_of(rows, 3);

	(void)state;
	assert_int_equal(unpack_fd(fd, s.fd, &few, &e), -EFBIG);
	assert_string_equal(e.msg, "has more than 2 entries");
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(unpack_fd(fd, s.fd, &small, &e), -EFBIG);
	assert_non_null(strstr(e.msg, "--max-size allows more"));
	close(fd);
}

/* Nothing stays open, however an archive fails. */
static void descriptors(void **state)
{
	unsigned before = open_fds();

	(void)state;
	for (int i = 0; i < 50; i++) {
		auto_scratch s = scratch_make();
		struct err e = { 0 };

		assert_true(UNPACK(&s, FILE_("d/x"), { AE_IFLNK, "d/l", "." }, FILE_("d/l/x")) < 0);
	}
	assert_int_equal(open_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),   cmocka_unit_test(replacing), cmocka_unit_test(names),	  cmocka_unit_test(whiteouts),
		cmocka_unit_test(attributes), cmocka_unit_test(limits),	   cmocka_unit_test(descriptors),
	};

	return RUN(tests);
}
