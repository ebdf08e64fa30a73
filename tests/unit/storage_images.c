/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "storage/images.h"
#include "unit.h"

#define A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "sha256:abababababababababababababababababababababababababababababababab"
#define C "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static struct oci_descriptor entry(const char *digest, struct pair *name)
{
	return (struct oci_descriptor){ .media_type = oci_media_name(OCI_MEDIA_MANIFEST),
					.digest = digest,
					.size = 1,
					.annotations = { name, name ? 1 : 0 } };
}

static void lookup(void **state)
{
	struct pair names[] = { { OCI_REF_NAME, "dns:1" },
				{ OCI_REF_NAME, "host.example/library/nginx:latest" },
				{ OCI_REF_NAME, "host.example/other/web:2" },
				{ OCI_REF_NAME, "other.example/web:2" } };
	struct oci_descriptor d[] = { entry(A, &names[0]), entry(B, &names[1]), entry(C, &names[2]), entry(A, &names[3]),
				      entry(C, NULL) };
	const struct oci_image_index x = { .schema = 2, .manifests = { d, COUNT(d) } };
	static const struct {
		const char *text;
		int found; /* or -errno */
	} rows[] = {
		{ "dns:1", 0 },
		{ "dns", -ENOENT },
		{ "nginx", 1 },
		{ "library/nginx:latest", 1 },
		{ "ginx", -ENOENT },
		{ "nginx:1", -ENOENT },
		{ "web:2", -ENOTUNIQ },
		{ "other/web:2", 2 },
		{ "aaaaaaaa", 0 },
		{ "aaaaaaa", -ENOENT },
		{ "sha256:abababab", 1 },
		{ A, 0 },
		{ "any@" C, 2 },
		{ "dns:1@" A, 0 },
		{ "dns:1@" B, -ENOENT },
		{ "../x", -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_arena a = { 0 };
		const struct oci_descriptor *got = NULL;
		int r = st_pick(&a, &x, rows[i].text, &got, NULL);

		if (rows[i].found < 0 ? r != rows[i].found : got != &d[rows[i].found])
			fail_msg("%s: %d", rows[i].text, r);
	}
}

static struct st_store make(struct arena *a, const struct scratch *s)
{
	struct st_store store = ST_NONE;
	struct err e = { 0 };

	if (st_open(a, scratch_path(s, "data"), true, &store, &e) < 0)
		fail_msg("%s", e.msg);
	return store;
}

static void put_blob(struct arena *a, const struct st_store *s, const char *digest, const struct object *o, const void *in)
{
	size_t len;
	const char *text = oci_encode_text(a, o, in, JSON_COMPACT, &len);
	int fd = openat(s->dir, st_blob_path(a, digest), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

/* What could not be read again is not written. */
static void full_index(void **state)
{
	auto_arena a = { 0 };
	auto_scratch dir = scratch_make();
	auto_store s = make(&a, &dir);
	struct oci_descriptor *d = arena_array(&a, OCI_MAX_MANIFESTS + 1, sizeof(*d));
	struct oci_image_index x = { .schema = 2, .manifests = { d, OCI_MAX_MANIFESTS } }, out;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i <= OCI_MAX_MANIFESTS; i++)
		d[i] = entry(A, NULL);
	assert_int_equal(st_write_index(&a, &s, &x, &e), 0);
	x.manifests.len++;
	assert_int_equal(st_write_index(&a, &s, &x, &e), -EFBIG);
	assert_non_null(strstr(e.msg, "10001 images are more than an index may have"));
	assert_int_equal(st_read_index(&a, &s, &out, &e), 0);
	assert_int_equal(out.manifests.len, OCI_MAX_MANIFESTS);
}

/* An image of two layers, one of them twice. */
static void whole_image(void **state)
{
	auto_arena a = { 0 };
	auto_scratch dir = scratch_make();
	auto_store s = make(&a, &dir);
	const char *ids[] = { A, B, A };
	const struct oci_image_rootfs rootfs = { "layers", { ids, 3 } };
	const struct oci_image_config c = { .architecture = "amd64", .os = "linux", .rootfs = &rootfs };
	struct oci_descriptor config = { .media_type = oci_media_name(OCI_MEDIA_CONFIG), .digest = B, .size = 1 };
	struct oci_descriptor layer = { .media_type = oci_media_name(OCI_MEDIA_LAYER), .digest = C, .size = 1 };
	struct oci_descriptor layers[] = { layer, layer, layer };
	const struct oci_image_manifest m = { .schema = 2, .config = &config, .layers = { layers, 3 } };
	struct pair name = { OCI_REF_NAME, "dns:1" };
	struct oci_descriptor d = entry(A, &name);
	const struct oci_image_index x = { .schema = 2, .manifests = { &d, 1 } };
	struct st_image i = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(st_find_image(&a, &s, "dns:1", &i, &e), -ENOENT);
	put_blob(&a, &s, A, &oci_image_manifest_object, &m);
	put_blob(&a, &s, B, &oci_image_config_object, &c);
	assert_int_equal(st_write_index(&a, &s, &x, &e), 0);
	if (st_find_image(&a, &s, "dns:1", &i, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(i.name, "dns:1");
	assert_string_equal(i.config.os, "linux");
	assert_int_equal(i.layers.len, 2);
	assert_string_equal(i.layers.at[0], scratch_path(&dir, "data/layers/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
								 "aaaaaaaaaaaaaaaaaaa/fs"));
	assert_string_equal(i.layers.at[1], scratch_path(&dir, "data/layers/abababababababababababababababababababababab"
								 "abababababababababab/fs"));
	/* A layer whose root is opaque is the last that counts. */
	assert_int_equal(mkdirat(s.dir, "layers/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0700), 0);
	assert_int_equal(mkdir(i.layers.at[0], 0700), 0);
	if (setxattr(i.layers.at[0], "trusted.overlay.opaque", "y", 1, 0) < 0)
		return; /* only root may */
	assert_int_equal(st_find_image(&a, &s, "dns:1", &i, &e), 0);
	assert_int_equal(i.layers.len, 1);
}

static void opening(void **state)
{
	auto_arena a = { 0 };
	auto_scratch dir = scratch_make();
	const char *path = scratch_path(&dir, "data");
	auto_store s = ST_NONE;
	struct err e = { 0 };
	unsigned before = open_fds();

	(void)state;
	assert_int_equal(st_open(&a, path, false, &s, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "kist image import"));
	assert_int_equal(st_open(&a, path, true, &s, &e), 0);
	st_done(&s);
	assert_int_equal(chmod(path, 0750), 0);
	assert_int_equal(st_open(&a, path, false, &s, &e), -EPERM);
	assert_non_null(strstr(e.msg, "chmod 0700"));
	assert_int_equal(open_fds(), before);
}

static void locks(void **state)
{
	auto_arena a = { 0 };
	auto_scratch dir = scratch_make();
	auto_store s = make(&a, &dir);
	int one = st_lock(&s, "images", false, NULL), two = st_lock(&s, "images", false, NULL);

	(void)state;
	assert_true(one >= 0 && two >= 0);
	assert_int_equal(flock(one, LOCK_EX | LOCK_NB), -1);
	close(two);
	assert_int_equal(flock(one, LOCK_EX | LOCK_NB), 0);
	/* A lock file that was swept away is no lock any more. */
	assert_int_equal(unlinkat(s.dir, "locks/images", 0), 0);
	two = st_lock(&s, "images", true, NULL);
	assert_true(two >= 0);
	close(one);
	close(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup),
		cmocka_unit_test(full_index),
		cmocka_unit_test(whole_image),
		cmocka_unit_test(opening),
		cmocka_unit_test(locks),
	};

	return RUN(tests);
}
