/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/text.h"
#include "instances/user.h"

static struct arena arena;
static char top[64];
static struct st_view root;

static void put(const char *name, const char *text)
{
	int fd = open(arena_printf(&arena, "%s/etc/%s", top, name), O_CREAT | O_WRONLY | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "\n"
			     "# not a line\n"
			     "short:x:5:5\n"
			     "1000:x:0:0:a name of digits:/evil:/bin/sh\n"
			     "2147483648:x:0:0::/evil:\n"
			     "4294967296:x:0:0::/evil:\n"
			     "wraps:x:4294967296:0::/evil:\n"
			     "last:x:4294967295:0::/evil:\n"
			     "signed:x:-1:0::/evil:\n"
			     "spaced:x: 7:0::/evil:\n"
			     ":x:0:0::/evil:\n"
			     "www:x:33:34:web:/var/www:/bin/false\n"
			     "www:x:0:0:again:/evil:/bin/sh\n"
			     "nohome:x:44:44::relative:/bin/sh";
static const char group[] = "root:x:0:\n"
			    "www-data:x:33:www\n"
			    "ssl:x:101:other,www,more\n"
			    "near:x:102:www2,xwww\n"
			    "200:x:0:\n"
			    "huge:x:99999999999:www\n"
			    "wheel:x:10:www\n";

static int make(void **state)
{
	(void)state;
	strcpy(top, "/tmp/instances_user-XXXXXX");
	assert_non_null(mkdtemp(top));
	assert_int_equal(path_mkdirs(arena_printf(&arena, "%s/etc", top), 0755), 0);
	put("passwd", passwd);
	put("group", group);
	return st_view_open(&arena, &(strings){ (const char *[]){ top }, 1 }, &root);
}

static int clean(void **state)
{
	(void)state;
	st_view_done(&root);
	return system(arena_printf(&arena, "rm -rf '%s'", top));
}

static const char *found(const char *user, const char *more)
{
	const char *list[] = { more };
	strings groups = { list, more != NULL };
	struct inst_user u;
	struct err e = { 0 };
	struct text t = { .arena = &arena };

	if (inst_user_find(&arena, &root, user, &groups, &u, &e) < 0)
		return arena_strdup(&arena, e.msg);
	text_add(&t, "%u:%u %s", u.ids.uid, u.ids.gid, u.home);
	for (size_t i = 0; i < u.ids.groups.len; i++)
		text_add(&t, " %u", u.ids.groups.at[i]);
	return text_str(&t);
}

static void names_and_numbers(void **state)
{
	static const struct {
		const char *user, *group, *is;
	} rows[] = {
		{ NULL, NULL, "0:0 /root" },
		{ "", NULL, "0:0 /root" },
		{ "root", NULL, "0:0 /root" },
		{ "www", NULL, "33:34 /var/www 33 101 10" },
		{ "33", NULL, "33:34 /var/www 33 101 10" },
		{ "www:ssl", NULL, "33:101 /var/www" },
		{ "www:55", NULL, "33:55 /var/www" },
		{ "www", "near", "33:34 /var/www 33 101 10 102" },
		{ "www", "101", "33:34 /var/www 33 101 10" },
		{ "7777", NULL, "7777:0 /" },
		{ "7777:8888", NULL, "7777:8888 /" },
		{ "nohome", NULL, "44:44 /" },
		{ "4294967294", NULL, "4294967294:0 /" },
		/* digits are never a name: these would be root */
		{ "1000", NULL, "1000:0 /" },
		{ "2147483648", NULL, "2147483648:0 /" },
		{ "0:200", NULL, "0:200 /root" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(found(rows[i].user, rows[i].group), rows[i].is);
}

static void refused(void **state)
{
	(void)state;
	assert_string_equal(found("4294967296", NULL), "user 4294967296: ids go from 0 to 4294967294");
	assert_string_equal(found("4294967295", NULL), "user 4294967295: ids go from 0 to 4294967294");
	assert_string_equal(found("99999999999999999999999", NULL), "user 99999999999999999999999: ids go from 0 to 4294967294");
	assert_string_equal(found("0:4294967295", NULL), "group 4294967295: ids go from 0 to 4294967294");
	assert_string_equal(found("nobody", NULL), "the image has no user \"nobody\" in /etc/passwd");
	assert_string_equal(found("-1", NULL), "the image has no user \"-1\" in /etc/passwd");
	assert_string_equal(found("0x0", NULL), "the image has no user \"0x0\" in /etc/passwd");
	assert_string_equal(found("+0", NULL), "the image has no user \"+0\" in /etc/passwd");
	assert_string_equal(found("www:none", NULL), "the image has no group \"none\" in /etc/group");
	assert_string_equal(found("www", "none"), "option --group-add: the image has no group \"none\" in /etc/group");
	assert_string_equal(found("www:", NULL), "user \"www:\": expected USER or USER:GROUP");
	assert_string_equal(found(":www", NULL), "user \":www\": expected USER or USER:GROUP");
	for (const char *const *w = (const char *const[]){ "wraps", "last", "signed", "spaced", "short", NULL }; *w; w++)
		assert_string_equal(found(*w, NULL), arena_printf(&arena, "the image has no user \"%s\" in /etc/passwd", *w));
}

static void hostile_files(void **state)
{
	const char *path = arena_printf(&arena, "%s/etc/passwd", top);

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_string_equal(found("root", NULL), "0:0 /");
	assert_string_equal(found("www", NULL), "the image has no user \"www\" in /etc/passwd");
	assert_int_equal(mkfifo(path, 0644), 0); /* CVE-2024-9676: nobody waits for a writer */
	assert_string_equal(found("www", NULL), "the image's /etc/passwd is not a regular file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0); /* of the image, which has none */
	assert_string_equal(found("www", NULL), "the image has no user \"www\" in /etc/passwd");
	assert_int_equal(unlink(path), 0);
	put("passwd", passwd);
	assert_int_equal(truncate(path, 1LL << 40), 0); /* CVE-2026-47262 */
	assert_string_equal(found("www", NULL), "the image's /etc/passwd is larger than 1 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers),
		cmocka_unit_test(refused),
		cmocka_unit_test(hostile_files),
	};
	int r = cmocka_run_group_tests(tests, make, clean);

	arena_done(&arena);
	return r;
}
