/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"
#include "oci/image.h"
#include "oci_data.h"

#include <errno.h>

#define D "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OCI "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."
#define CONFIG(type) "\"config\":{\"mediaType\":\"" type "\",\"digest\":\"" D "\",\"size\":2}"
#define LAYER(type) "{\"mediaType\":\"" type "\",\"digest\":\"" D "\",\"size\":3}"

struct row {
	const struct object *o;
	const char *text, *says; /* NULL: it is good */
};

static const struct row rows[] = {
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2," CONFIG(OCI "config.v1+json") ",\"layers\":[" LAYER(OCI "layer.v1.tar+zstd") "]}", NULL },
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2,\"mediaType\":\"" DOCKER "distribution.manifest.v2+json\"," CONFIG(
		  DOCKER "container.image.v1+json") ",\"layers\":[" LAYER(DOCKER "image.rootfs.diff.tar.gzip") "]}",
	  NULL },
	{ &oci_image_manifest_object, "{\"schemaVersion\":1," CONFIG(OCI "config.v1+json") ",\"layers\":[]}",
	  ".schemaVersion (line 1): 1 is out of range" },
	{ &oci_image_manifest_object, "{\"schemaVersion\":2,\"layers\":[]}", ".config (line 1): missing" },
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2," CONFIG(OCI "config.v1+json") ",\"layers\":[],\"manifests\":[]}",
	  ".manifests (line 1): has no place in an image manifest" },
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2," CONFIG("application/vnd.oci.empty.v1+json") ",\"layers\":[]}", "this is an artifact" },
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2," CONFIG(OCI "config.v1+json") ",\n\"layers\":[\n" LAYER(OCI "layer.v1.tar+lz4") "]}",
	  ".layers[0] (line 3): media type \"" OCI "layer.v1.tar+lz4\", expected a layer" },
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2,\"mediaType\":\"" OCI "index.v1+json\"," CONFIG(OCI "config.v1+json") ",\"layers\":[]}",
	  ".mediaType (line 1): media type" },
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI "config.v1+json\",\"digest\":\"sha256:../../x\",\"size\":2},"
	  "\"layers\":[]}",
	  ".config.digest (line 1): \"sha256:../../x\" is not a digest" },
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI "config.v1+json\",\"digest\":\"" D
	  "\",\"size\":8388609},\"layers\":[]}",
	  ".config (line 1): its size is 8388609" },
	{ &oci_image_manifest_object,
	  "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI "config.v1+json\",\"digest\":\"" D
	  "\",\"size\":-1},\"layers\":[]}",
	  ".config.size" },
	{ &oci_image_manifest_object, "{\"schemaVersion\":2,\"schemaVersion\":2}", "schemaVersion" },
	{ &oci_image_index_object, "{\"schemaVersion\":2,\"manifests\":[" LAYER("anything") "]}", NULL },
	{ &oci_image_index_object, "{\"schemaVersion\":2}", ".manifests (line 1): missing" },
	{ &oci_image_index_object, "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}",
	  ".layers (line 1): has no place in an image index" },
	{ &oci_image_index_object, "{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}", ".config (line 1): has no place" },
	{ &oci_image_config_object,
	  "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Entrypoint\":null,\"ExposedPorts\":{\"53/udp\":{}},"
	  "\"Env\":[\"A=\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" D "\"]}}",
	  NULL },
	{ &oci_image_config_object,
	  "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" D "\",\"x\"]}}",
	  ".rootfs.diff_ids[1] (line 1): \"x\" is not a digest" },
	{ &oci_image_config_object,
	  "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"tree\",\"diff_ids\":[]}}",
	  ".rootfs.type (line 1): expected \"layers\"" },
	{ &oci_image_config_object,
	  "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":[\"A\"]},\"rootfs\":{\"type\":\"layers\","
	  "\"diff_ids\":[]}}",
	  ".config.env[0]" },
	{ &oci_image_config_object,
	  "{\"architecture\":\"amd64\\u009b31m\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
	  ".architecture (line 1): expected at most 64 letters" },
	{ &oci_image_index_object,
	  "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"digest\":\"" D "\",\"size\":1,\"platform\":"
	  "{\"os\":\"linux\",\"architecture\":\"\",\"variant\":\"v8/v9\"}}]}",
	  ".manifests[0].platform.variant (line 1): expected at most 64 letters" },
	{ &oci_docker_save_object, "{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"a/layer.tar\"]}", NULL },
	{ &oci_docker_save_object, "{\"Layers\":[]}", ".Config (line 1): missing" },
};

static void documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_arena a = { 0 };
		struct err e = { 0 };
		void *out = arena_alloc(&a, rows[i].o->size);
		int r = oci_decode_text(&a, rows[i].o, "x", rows[i].text, strlen(rows[i].text), out, &e);

		if (!rows[i].says != !r)
			fail_msg("%s: %s", rows[i].text, r ? e.msg : "was taken");
		if (rows[i].says && !strstr(e.msg, rows[i].says))
			fail_msg("%s: says %s", rows[i].text, e.msg);
	}
}

/* Lists whose entries are compared with each other. */
static void long_lists(void **state)
{
	static const struct {
		const char *before, *behind, *says;
		int most;
	} rows_of[] = {
		{ "\"Env\":[", "\"A=\"]", "Env (line 1): has 10001 entries, 10000 is the limit", OCI_MAX_ENV },
		{ "\"Volumes\":{", "\"/v\":{}}", "Volumes (line 1): has 1001 entries, 1000 is the limit", OCI_MAX_VOLUMES },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		int more = (int)(i % 2);
		auto_arena a = { 0 };
		struct text t = { .arena = &a };
		struct oci_image_config out = { 0 };
		struct err e = { 0 };

		text_add(&t, "{\"architecture\":\"\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"config\":{%s",
			 rows_of[i / 2].before);
		for (int k = 0; k < rows_of[i / 2].most - 1 + more; k++)
			text_add(&t, i / 2 ? "\"/v%d\":{}," : "\"A=%d\",", k);
		text_add(&t, "%s}}", rows_of[i / 2].behind);
		assert_int_equal(oci_decode_text(&a, &oci_image_config_object, "x", t.at, t.len, &out, &e) < 0, more);
		if (more && !strstr(e.msg, rows_of[i / 2].says))
			fail_msg("says %s", e.msg);
	}
}

/* As many layers as the kernel takes, and one more. */
static void layer_count(void **state)
{
	(void)state;
	for (size_t n = OCI_MAX_LAYERS; n <= OCI_MAX_LAYERS + 1; n++) {
		auto_arena a = { 0 };
		struct oci_descriptor config = { .media_type = OCI "config.v1+json", .digest = D };
		struct oci_image_manifest m = { .schema = 2, .config = &config }, out = { 0 };
		struct err e = { 0 };
		const char *text;
		size_t len;

		m.layers.at = arena_array(&a, n, sizeof(*m.layers.at));
		m.layers.len = n;
		for (size_t i = 0; i < n; i++)
			m.layers.at[i] = (struct oci_descriptor){ .media_type = OCI "layer.v1.tar", .digest = D };
		text = oci_encode_text(&a, &oci_image_manifest_object, &m, JSON_COMPACT, &len);
		assert_int_equal(oci_decode_text(&a, &oci_image_manifest_object, "x", text, len, &out, &e),
				 n > OCI_MAX_LAYERS ? -EINVAL : 0);
	}
}

static void agreement(void **state)
{
	struct oci_image_rootfs rootfs = { .diff_ids = { NULL, 2 } };
	struct oci_image_config c = { .rootfs = &rootfs };
	struct oci_image_manifest m = { .layers = { NULL, 2 } };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(oci_image_agree(&m, &c, "x", &e), 0);
	m.layers.len = 3;
	assert_int_equal(oci_image_agree(&m, &c, "x", &e), -EINVAL);
	assert_string_equal(e.msg, "x: the manifest has 3 layers and the configuration 2 diff_ids");
}

static void media_types(void **state)
{
	(void)state;
	assert_int_equal(oci_media_of(NULL), OCI_MEDIA_OTHER);
	assert_int_equal(oci_media_of("text/plain"), OCI_MEDIA_OTHER);
	assert_int_equal(oci_media_of(DOCKER "image.rootfs.diff.tar"), OCI_MEDIA_LAYER);
	assert_string_equal(oci_media_name(OCI_MEDIA_LAYER_GZIP), OCI "layer.v1.tar+gzip");
	assert_true(oci_media_is_layer(OCI_MEDIA_LAYER));
	assert_false(oci_media_is_layer(OCI_MEDIA_CONFIG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(layer_count),
		cmocka_unit_test(agreement),
		cmocka_unit_test(media_types),
	};

	return RUN(tests);
}
