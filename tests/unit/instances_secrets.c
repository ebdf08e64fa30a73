/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/secrets.h"
#include "unit.h"

static struct arena arena;

static const char *at(const struct scratch *s, const char *name)
{
	return arena_printf(&arena, "%s/%s", s->path, name);
}

static void make(const struct scratch *s, const char *name, mode_t mode)
{
	bool folder = name[strlen(name) - 1] == '/';

	if (folder)
		assert_int_equal(mkdirat(s->fd, name, 0700), 0);
	else
		close(openat(s->fd, name, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(fchmodat(s->fd, name, mode, 0), 0);
}

static bool is_found(const struct strv *v, const char *path)
{
	for (size_t i = 0; i < v->len; i++)
		if (!strcmp(v->at[i], path))
			return true;
	return false;
}

static void by_rule(void **state)
{
	struct strv v = { .arena = &arena };
	struct scratch s = scratch_make();

	(void)state;
	make(&s, "open", 0644);
	make(&s, "hidden", 0640);
	make(&s, "folder/", 0755);
	make(&s, "folder/key", 0400);
	make(&s, "folder/readme", 0444);
	make(&s, "private/", 0750);
	make(&s, "private/inner", 0600);
	make(&s, "through/", 0711);
	assert_int_equal(symlinkat("private", s.fd, "link"), 0);
	inst_secrets_find(&v, s.path);
	assert_true(is_found(&v, at(&s, "hidden")));
	assert_true(is_found(&v, at(&s, "folder/key")));
	assert_true(is_found(&v, at(&s, "private")));
	assert_true(is_found(&v, at(&s, "through")));
	assert_int_equal(v.len, 4);
	scratch_done(&s);
}

/* What lies deeper than anybody looks is not shown unseen. */
static void too_deep(void **state)
{
	struct strv v = { .arena = &arena };
	struct scratch s = scratch_make();
	const char *path = "d/";

	(void)state;
	for (int i = 0; i < 12; i++, path = arena_printf(&arena, "%sd/", path))
		make(&s, path, 0755);
	inst_secrets_find(&v, s.path);
	assert_int_equal(v.len, 1);
	assert_string_equal(v.at[0], at(&s, "d/d/d/d/d/d/d/d"));
	scratch_done(&s);
}

static void by_name(void **state)
{
	struct strv v = { .arena = &arena };

	(void)state;
	inst_secrets(&v);
	assert_true(is_found(&v, "/etc/shadow"));
	assert_true(is_found(&v, "/swapfile"));
	assert_true(is_found(&v, "/var/lib/systemd/coredump"));
	assert_true(is_found(&v, "/etc/bind/rndc.key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_rule),
		cmocka_unit_test(too_deep),
		cmocka_unit_test(by_name),
	};
	int failed = RUN(tests);

	arena_done(&arena);
	return failed;
}
