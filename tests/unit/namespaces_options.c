/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of mount options: each known once, and together what mount(8) makes of them. */
#include "namespaces/options.h"

#include "base/sys.h"
#include "unit.h"

enum { RO = MOUNT_ATTR_RDONLY, NOSUID = MOUNT_ATTR_NOSUID, TIMES = MOUNT_ATTR__ATIME };

static int parse(struct arena *a, const char *line, struct mnt_options *out, struct err *e)
{
	char *copy = arena_strdup(a, line), *save = NULL;
	const char **at = arena_array(a, 64, sizeof(*at));
	strings words = { at, 0 };

	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		at[words.len++] = w;
	return mnt_options_parse(a, &words, out, e);
}

static void words_are_sorted_and_unique(void **state)
{
	auto_arena a = { 0 };
	strings words = mnt_option_words(&a);

	(void)state;
	assert_true(words.len > 50);
	for (size_t i = 1; i < words.len; i++)
		assert_true(strcmp(words.at[i - 1], words.at[i]) < 0);
}

/* A word that is announced in the features document is not handed to a file system as its own, except those
 * of the superblock, which are spelled the same there. */
static void every_word_means_something(void **state)
{
	static const char *const of_superblock[] = { "async",	   "dirsync", "lazytime", "mand",
						     "nolazytime", "nomand",  "sync" };
	auto_arena a = { 0 };
	strings words = mnt_option_words(&a);
	size_t passed = 0;

	(void)state;
	for (size_t i = 0; i < words.len; i++) {
		struct mnt_options o;

		assert_int_equal(parse(&a, words.at[i], &o, NULL), 0);
		if (!o.data.len)
			continue;
		assert_true(passed < COUNT(of_superblock));
		assert_string_equal(o.data.at[0], of_superblock[passed++]);
	}
	assert_int_equal(passed, COUNT(of_superblock));
}

static void words_together(void **state)
{
	static const struct {
		const char *words;
		uint64_t set, clear, rec_set, rec_clear;
	} rows[] = {
		{ "", 0, 0, 0, 0 },
		{ "ro", RO, 0, 0, 0 },
		{ "rw", 0, RO, 0, 0 },
		{ "ro,rw", 0, RO, 0, 0 },
		{ "rw,ro", RO, 0, 0, 0 },
		{ "nosuid,nodev,noexec", NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0, 0 },
		{ "nosuid,suid", 0, NOSUID, 0, 0 },
		{ "rro,nosuid", NOSUID, 0, RO, 0 },
		{ "rro,rrw", 0, 0, 0, RO },
		{ "ro,rrw", RO, 0, 0, RO },
		{ "noatime", MOUNT_ATTR_NOATIME, TIMES, 0, 0 },
		{ "noatime,strictatime", MOUNT_ATTR_STRICTATIME, TIMES, 0, 0 },
		{ "noatime,relatime", 0, TIMES, 0, 0 },
		{ "strictatime,nodiratime", MOUNT_ATTR_STRICTATIME | MOUNT_ATTR_NODIRATIME, TIMES, 0, 0 },
		{ "rnoatime", 0, 0, MOUNT_ATTR_NOATIME, TIMES },
		{ "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0, 0, 0 },
		{ "defaults,silent,loud", 0, 0, 0, 0 },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mnt_options o;

		assert_int_equal(parse(&a, rows[i].words, &o, NULL), 0);
		assert_int_equal(o.set, rows[i].set);
		/* The kernel refuses a field of times that is set without being cleared whole. */
		assert_int_equal(o.clear & ~(o.set & ~(uint64_t)TIMES), rows[i].clear);
		assert_int_equal(o.rec_set, rows[i].rec_set);
		assert_int_equal(o.rec_clear, rows[i].rec_clear);
		assert_int_equal(o.data.len, 0);
	}
}

static void kinds_of_mount(void **state)
{
	auto_arena a = { 0 };
	struct mnt_options o;

	(void)state;
	assert_int_equal(parse(&a, "bind", &o, NULL), 0);
	assert_true(o.bind && !o.recursive && !o.remount);
	assert_int_equal(parse(&a, "rbind,bind", &o, NULL), 0);
	assert_true(o.bind && o.recursive);
	assert_int_equal(parse(&a, "idmap", &o, NULL), 0);
	assert_true(o.idmap && !o.rec_idmap);
	assert_int_equal(parse(&a, "ridmap", &o, NULL), 0);
	assert_true(o.idmap && o.rec_idmap);
	assert_int_equal(parse(&a, "tmpcopyup,remount", &o, NULL), 0);
	assert_true(o.copy_up && o.remount);
	assert_int_equal(parse(&a, "rshared,slave", &o, NULL), 0);
	assert_true(o.propagation == MS_SLAVE && !o.rec_propagation);
	assert_int_equal(parse(&a, "private,runbindable", &o, NULL), 0);
	assert_true(o.propagation == MS_UNBINDABLE && o.rec_propagation);
}

static void the_rest_is_for_the_file_system(void **state)
{
	auto_arena a = { 0 };
	struct mnt_options o;
	struct err e;
	char longest[300] = "k=";

	(void)state;
	assert_int_equal(parse(&a, "size=1m,ro,RO,rro=x,noswap", &o, NULL), 0);
	assert_int_equal(o.data.len, 4);
	assert_string_equal(o.data.at[0], "size=1m");
	assert_string_equal(o.data.at[1], "RO");
	assert_string_equal(o.data.at[2], "rro=x");
	memset(longest + 2, 'v', 254);
	assert_int_equal(parse(&a, longest, &o, NULL), 0); /* fsconfig(2) takes 255 bytes with "=" */
	memset(longest + 2, 'v', 255);
	assert_int_equal(parse(&a, longest, &o, &e), -E2BIG);
	assert_int_equal(parse(&a, "=x", &o, &e), -EINVAL);
	assert_string_equal(e.msg, ".options[0]: \"=x\" has no name");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_sorted_and_unique),
		cmocka_unit_test(every_word_means_something),
		cmocka_unit_test(words_together),
		cmocka_unit_test(kinds_of_mount),
		cmocka_unit_test(the_rest_is_for_the_file_system),
	};

	return RUN(tests);
}
