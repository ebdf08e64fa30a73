/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kept seccomp programs: the right one or none, whatever lies in the directory. */
#include "runtime/filter_cache.h"

#include "runtime/filter.h"
#include "unit.h"

static struct oci_seccomp profile(struct oci_seccomp_rule *rule, const char **name)
{
	*rule = (struct oci_seccomp_rule){ .names = { name, 1 }, .action = OCI_ACT_ERRNO };
	return (struct oci_seccomp){ .default_action = OCI_ACT_ALLOW, .syscalls = { rule, 1 } };
}

/* A program that no profile gives, to see where an answer comes from. */
static const struct sock_filter marked = { BPF_RET | BPF_K, 0, 0, 42 };

struct kept {
	struct arena a;
	struct scratch dir;
	struct filter_key key;
	const char *file; /* in the scratch directory */
};

static void kept_done(struct kept *k)
{
	arena_done(&k->a);
	scratch_done(&k->dir);
}
#define auto_kept __attribute__((cleanup(kept_done))) struct kept

static struct kept keep_marked(void)
{
	struct oci_seccomp_rule rule;
	const char *name = "mount";
	const struct oci_seccomp s = profile(&rule, &name);
	const struct sock_fprog p = { 1, (struct sock_filter *)&marked };
	struct kept k = { .dir = scratch_make() };

	k.key = filter_key(&k.a, &s);
	filter_keep(&k.a, k.dir.path, &k.key, &p);
	k.file = arena_printf(&k.a, ".seccomp/%s", k.key.name);
	return k;
}

static bool found(struct kept *k)
{
	struct sock_fprog p = { 0, NULL };
	bool r = filter_cached(&k->a, k->dir.path, &k->key, &p);

	assert_true(!r || (p.len == 1 && !memcmp(p.filter, &marked, sizeof(marked))));
	return r;
}

static unsigned compiled(struct kept *k)
{
	struct oci_seccomp_rule rule;
	const char *name = "mount";
	const struct oci_seccomp s = profile(&rule, &name);
	struct filter f;

	assert_int_equal(filter_compile(&k->a, k->dir.path, &s, &f, NULL), 0);
	return f.program.len;
}

static void what_was_kept_is_found(void **state)
{
	auto_kept k = keep_marked();
	struct stat st;

	(void)state;
	assert_true(found(&k));
	assert_int_equal(compiled(&k), 1);
	assert_int_equal(fstatat(k.dir.fd, ".seccomp", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(fstatat(k.dir.fd, k.file, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(entries_in(scratch_path(&k.dir, ".seccomp")), 1);
}

static void another_profile_is_another_program(void **state)
{
	auto_kept k = keep_marked();
	struct oci_seccomp_rule rule, two[2];
	const char *name = "mount", *other = "umount2";
	const uint32_t number = 13;
	struct oci_seccomp s = profile(&rule, &name);
	struct filter_key key;

	(void)state;
	key = filter_key(&k.a, &s);
	assert_string_equal(key.name, k.key.name);
	rule.errno_ret = &number;
	key = filter_key(&k.a, &s);
	assert_string_not_equal(key.name, k.key.name);
	s = profile(&rule, &other);
	key = filter_key(&k.a, &s);
	assert_string_not_equal(key.name, k.key.name);
	/* A hash that fits is not enough: the text decides. */
	memcpy(key.name, k.key.name, sizeof(key.name));
	k.key = key;
	assert_false(found(&k));
	/* The same rule twice is another text. */
	two[0] = two[1] = rule;
	s.syscalls.at = two;
	s.syscalls.len = 2;
	assert_string_not_equal(filter_key(&k.a, &s).name, k.key.name);
}

/* Each byte in turn: never a wrong program, and the next start writes a right one. */
static void a_damaged_file_is_none(void **state)
{
	auto_kept k = keep_marked();
	int fd = openat(k.dir.fd, k.file, O_RDWR | O_CLOEXEC);
	struct stat st;

	(void)state;
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t i = 0; i < st.st_size; i++) {
		unsigned char c, wrong;

		assert_int_equal(pread(fd, &c, 1, i), 1);
		wrong = c ^ 0x20;
		assert_int_equal(pwrite(fd, &wrong, 1, i), 1);
		assert_false(found(&k));
		assert_int_equal(pwrite(fd, &c, 1, i), 1);
	}
	assert_true(found(&k));
	for (off_t i = st.st_size - 1; i >= 0; i--) {
		assert_int_equal(ftruncate(fd, i), 0);
		assert_false(found(&k));
	}
	close(fd);
	assert_true(compiled(&k) > 1); /* as tree_build() makes it … */
	assert_int_equal(fstatat(k.dir.fd, k.file, &st, 0), 0);
	assert_true(st.st_size > 100); /* … and kept in place of the damaged one */
}

static void a_link_is_none(void **state)
{
	auto_kept k = keep_marked();

	(void)state;
	assert_int_equal(renameat(k.dir.fd, k.file, k.dir.fd, "elsewhere"), 0);
	assert_int_equal(symlinkat("../elsewhere", k.dir.fd, k.file), 0);
	assert_false(found(&k));
}

static void a_directory_that_others_write_to_is_none(void **state)
{
	auto_kept k = keep_marked();

	(void)state;
	assert_int_equal(fchmodat(k.dir.fd, ".seccomp", 0720, 0), 0);
	assert_false(found(&k));
	assert_true(compiled(&k) > 1);
	assert_int_equal(fchmodat(k.dir.fd, ".seccomp", 0700, 0), 0);
	assert_true(found(&k)); /* and nothing was written meanwhile */
	assert_int_equal(renameat(k.dir.fd, ".seccomp", k.dir.fd, "elsewhere"), 0);
	assert_int_equal(symlinkat("elsewhere", k.dir.fd, ".seccomp"), 0);
	assert_false(found(&k));
	if (geteuid())
		return;
	assert_int_equal(unlinkat(k.dir.fd, ".seccomp", 0), 0);
	assert_int_equal(renameat(k.dir.fd, "elsewhere", k.dir.fd, ".seccomp"), 0);
	assert_int_equal(fchownat(k.dir.fd, ".seccomp", 1, 1, 0), 0);
	assert_false(found(&k));
}

static void there_are_not_too_many(void **state)
{
	auto_kept k = keep_marked();

	(void)state;
	for (uint32_t i = 1; i < 200; i++) {
		struct oci_seccomp_rule rule;
		const char *name = "mount";
		struct oci_seccomp s = profile(&rule, &name);
		struct filter f;

		rule.errno_ret = &i;
		assert_int_equal(filter_compile(&k.a, k.dir.path, &s, &f, NULL), 0);
		assert_true(entries_in(scratch_path(&k.dir, ".seccomp")) <= 64);
	}
	assert_true(entries_in(scratch_path(&k.dir, ".seccomp")) > 0);
}

static void without_a_directory_it_is_compiled(void **state)
{
	auto_kept k = keep_marked();

	(void)state;
	strcat(k.dir.path, "/none");
	assert_false(found(&k));
	assert_true(compiled(&k) > 1);
	k.dir.path[strlen(k.dir.path) - strlen("/none")] = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_kept_is_found),
		cmocka_unit_test(another_profile_is_another_program),
		cmocka_unit_test(a_damaged_file_is_none),
		cmocka_unit_test(a_link_is_none),
		cmocka_unit_test(a_directory_that_others_write_to_is_none),
		cmocka_unit_test(there_are_not_too_many),
		cmocka_unit_test(without_a_directory_it_is_compiled),
	};

	return RUN(tests);
}
