/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a bundle on disk, with everything that can be wrong with the file itself. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "oci/spec.h"
#include "oci_data.h"

#define DOCUMENT "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\"x\":1}"

struct fixture {
	struct arena arena;
	char dir[64];
	struct oci_spec spec;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	strcpy(f->dir, "/tmp/kist-oci-load-XXXXXX");
	*state = f;
	return mkdtemp(f->dir) ? 0 : -1;
}

static const char *in(struct fixture *f, const char *name)
{
	return path_join(&f->arena, f->dir, name);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(in(f, "link"));
	if (rmdir(in(f, "config.json")) < 0)
		unlink(in(f, "config.json"));
	rmdir(f->dir);
	arena_done(&f->arena);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *text)
{
	auto_fd dir = fd_open(AT_FDCWD, f->dir, O_RDONLY | O_DIRECTORY);

	assert_int_equal(file_put(dir, "config.json", text, strlen(text), 0600, FILE_VOLATILE), 0);
}

static int load(struct fixture *f, const char *bundle)
{
	memset(&f->spec, 0, sizeof(f->spec));
	return oci_load(&f->arena, bundle, NULL, &f->spec, NULL, NULL, &f->err);
}

static void good(void **state)
{
	struct fixture *f = *state;
	const char *text = NULL;
	size_t len = 0;

	put(f, DOCUMENT);
	assert_int_equal(oci_load(&f->arena, f->dir, NULL, &f->spec, &text, &len, &f->err), 0);
	assert_string_equal(f->spec.root->path, "rootfs");
	assert_string_equal(text, DOCUMENT);
	assert_int_equal(len, strlen(DOCUMENT));
	assert_int_equal(oci_load(&f->arena, "/nowhere", in(f, "config.json"), &f->spec, NULL, NULL, &f->err),
			 0);
}

static void bundle_is_a_link(void **state)
{
	struct fixture *f = *state;

	put(f, DOCUMENT);
	assert_int_equal(symlink(f->dir, in(f, "link")), 0);
	assert_int_equal(load(f, in(f, "link")), 0);
}

/* In `sentence` a '*' stands for the directory. */
static void says(struct fixture *f, const char *bundle, const char *sentence)
{
	struct text t = { .arena = &f->arena };

	for (; *sentence; sentence++)
		text_add(&t, "%.*s", *sentence == '*' ? (int)strlen(f->dir) : 1,
			 *sentence == '*' ? f->dir : sentence);
	assert_true(load(f, bundle) < 0);
	assert_string_equal(f->err.msg, t.at);
}

static void nothing_there(void **state)
{
	struct fixture *f = *state;

	says(f, f->dir, "bundle * has no config.json (*/config.json); `kist spec --bundle *` writes one");
	says(f, in(f, "no"), "bundle */no does not exist");
	put(f, DOCUMENT);
	says(f, in(f, "config.json"), "bundle */config.json is not a directory");
}

static void not_a_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(in(f, "config.json"), 0700), 0);
	says(f, f->dir, "*/config.json: not a regular file");
	assert_int_equal(rmdir(in(f, "config.json")), 0);
	assert_int_equal(mkfifo(in(f, "config.json"), 0600), 0);
	says(f, f->dir, "*/config.json: not a regular file");
	assert_int_equal(unlink(in(f, "config.json")), 0);
	assert_int_equal(symlink("/etc/passwd", in(f, "config.json")), 0);
	says(f, f->dir, "*/config.json: is a symbolic link, expected a regular file");
}

static void too_large(void **state)
{
	struct fixture *f = *state;

	put(f, DOCUMENT);
	assert_int_equal(truncate(in(f, "config.json"), 20 << 20), 0);
	says(f, f->dir, "*/config.json: larger than 16 MiB, the most a JSON document may have");
	assert_int_equal(f->err.code, EFBIG);
}

static void wrong_content(void **state)
{
	struct fixture *f = *state;

	put(f, "");
	says(f, f->dir, "config.json: line 1: the document is empty");
	put(f, "{\n\"ociVersion\": 3}");
	says(f, f->dir, "config.json.ociVersion (line 2): expected a string, found a number");
	assert_true(oci_load(&f->arena, NULL, in(f, "config.json"), &f->spec, NULL, NULL, &f->err) < 0);
	assert_string_equal(f->err.msg,
			    arena_printf(&f->arena,
					 "%s.ociVersion (line 2): expected a string, found a number",
					 in(f, "config.json")));
}

static void process(void **state)
{
	struct fixture *f = *state;
	const char *file = in(f, "config.json");
	struct oci_process p = { 0 };

	put(f, "{\"args\":[\"sh\"],\"cwd\":\"/\"}");
	assert_int_equal(oci_load_process(&f->arena, file, &p, &f->err), 0);
	assert_string_equal(p.args.at[0], "sh");
	assert_null(p.args.at[1]);
	memset(&p, 0, sizeof(p));
	put(f, "{\"cwd\":\"/\"}");
	assert_true(oci_load_process(&f->arena, file, &p, &f->err) < 0);
	assert_string_equal(f->err.msg,
			    arena_printf(&f->arena, "%s.args: missing: what shall be run?", file));
	assert_true(oci_load_process(&f->arena, in(f, "no"), &p, &f->err) < 0);
	assert_string_equal(f->err.msg,
			    arena_printf(&f->arena, "read %s/no: No such file or directory", f->dir));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(good, setup, teardown),
		cmocka_unit_test_setup_teardown(bundle_is_a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_there, setup, teardown),
		cmocka_unit_test_setup_teardown(not_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_content, setup, teardown),
		cmocka_unit_test_setup_teardown(process, setup, teardown),
	};

	return RUN(tests);
}
