/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oci/image.h"

#include <errno.h>
#include <string.h>

#include "oci/tables.h"

#define OCI_TYPE "application/vnd.oci.image."
#define DOCKER_TYPE "application/vnd.docker."

/* The first name of a value is the one that is written. */
static const struct word media[] = {
	{ OCI_TYPE "index.v1+json", OCI_MEDIA_INDEX },
	{ OCI_TYPE "manifest.v1+json", OCI_MEDIA_MANIFEST },
	{ OCI_TYPE "config.v1+json", OCI_MEDIA_CONFIG },
	{ OCI_TYPE "layer.v1.tar", OCI_MEDIA_LAYER },
	{ OCI_TYPE "layer.v1.tar+gzip", OCI_MEDIA_LAYER_GZIP },
	{ OCI_TYPE "layer.v1.tar+zstd", OCI_MEDIA_LAYER_ZSTD },
	{ DOCKER_TYPE "distribution.manifest.list.v2+json", OCI_MEDIA_INDEX },
	{ DOCKER_TYPE "distribution.manifest.v2+json", OCI_MEDIA_MANIFEST },
	{ DOCKER_TYPE "container.image.v1+json", OCI_MEDIA_CONFIG },
	{ DOCKER_TYPE "image.rootfs.diff.tar", OCI_MEDIA_LAYER },
	{ DOCKER_TYPE "image.rootfs.diff.tar.gzip", OCI_MEDIA_LAYER_GZIP },
	{ DOCKER_TYPE "image.rootfs.diff.tar.zstd", OCI_MEDIA_LAYER_ZSTD },
	{ NULL, OCI_MEDIA_OTHER },
};

enum oci_media oci_media_of(const char *media_type)
{
	const struct word *w = media_type ? word_find(media, media_type) : NULL;

	return w ? (enum oci_media)w->value : OCI_MEDIA_OTHER;
}

const char *oci_media_name(enum oci_media m)
{
	return word_name(media, (int)m);
}

bool oci_media_is_layer(enum oci_media m)
{
	return m >= OCI_MEDIA_LAYER;
}

bool oci_is_digest(const char *s)
{
	const size_t prefix = sizeof(OCI_SHA256) - 1;

	return !strncmp(s, OCI_SHA256, prefix) && strspn(s + prefix, "0123456789abcdef") == OCI_DIGEST_LEN - prefix &&
	       !s[OCI_DIGEST_LEN];
}

const char *oci_pair(const pairs *p, const char *key)
{
	for (size_t i = 0; i < p->len; i++)
		if (!strcmp(p->at[i].key, key))
			return p->at[i].value;
	return NULL;
}

static int bad_digest(const struct json *v, const char *text, struct err *e)
{
	char shown[JSON_SHOWN];

	return oci_bad(v, e, "\"%s\" is not a digest that kist takes, expected sha256: and 64 lower-case hexadecimal digits",
		       json_shown(shown, text));
}

static int bad_media(const struct json *v, const char *type, const char *expected, struct err *e)
{
	char shown[JSON_SHOWN];

	return oci_bad(v, e, "media type \"%s\", expected %s", json_shown(shown, type ? type : ""), expected);
}

/* Empty is fine: it is what tools write for what they do not know. */
static bool is_platform_word(const char *s)
{
	size_t n = s ? strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") : 0;

	return !s || (!s[n] && n <= OCI_MAX_PLATFORM);
}

static int check_words(const struct json *v, const char *os, const char *architecture, const char *variant, struct err *e)
{
	const struct {
		const char *key, *word;
	} rows[] = { { "os", os }, { "architecture", architecture }, { "variant", variant } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!is_platform_word(rows[i].word))
			return oci_bad_key(v, rows[i].key, e, "expected at most %d letters, digits, . _ and -", OCI_MAX_PLATFORM);
	return 0;
}

static int check_platform(const void *p, const struct json *v, struct err *e)
{
	const struct oci_platform *f = p;

	return check_words(v, f->os, f->architecture, f->variant, e);
}

#define S struct oci_platform
static const struct field platform_fields[] = {
	F_STR(S, architecture, "architecture", REQUIRED),
	F_STR(S, os, "os", REQUIRED),
	F_STR(S, os_version, "os.version", 0),
	F_STRS(S, os_features, "os.features", 0),
	F_STR(S, variant, "variant", 0),
};
const struct object oci_platform_object = OBJECT(S, platform_fields, check_platform);
#undef S

static int check_descriptor(const void *p, const struct json *v, struct err *e)
{
	const struct oci_descriptor *d = p;

	return oci_is_digest(d->digest) ? 0 : err_path(e, bad_digest(json_get(v, "digest"), d->digest, e), ".digest");
}

#define S struct oci_descriptor
static const struct field descriptor_fields[] = {
	F_STR(S, media_type, "mediaType", REQUIRED),
	F_STR(S, digest, "digest", REQUIRED),
	F_U64_IN(S, size, "size", REQUIRED, 0, INT64_MAX),
	F_STRS(S, urls, "urls", 0),
	F_MAP(S, annotations, "annotations"),
	F_STR(S, data, "data", 0),
	F_STR(S, artifact_type, "artifactType", 0),
	F_OBJ(S, platform, struct oci_platform, "platform", 0, &oci_platform_object),
};
const struct object oci_descriptor_object = OBJECT(S, descriptor_fields, check_descriptor);
#undef S

static int too_many(const struct json *v, const char *key, size_t n, int most, struct err *e)
{
	return oci_bad_key(v, key, e, "has %zu entries, %d is the limit", n, most);
}

/* A document that is an index to one reader and a manifest to another has slipped images past signatures. */
static int check_kind(const struct json *v, const char *type, enum oci_media expected, struct err *e)
{
	bool index = expected == OCI_MEDIA_INDEX;
	const char *const wrong[] = { index ? "layers" : "manifests", index ? "config" : NULL };

	for (size_t i = 0; i < 2; i++)
		if (wrong[i] && json_get(v, wrong[i]))
			return oci_bad_key(v, wrong[i], e, "has no place in an image %s", index ? "index" : "manifest");
	if (type && oci_media_of(type) != expected)
		return err_path(e, bad_media(json_get(v, "mediaType"), type, oci_media_name(expected), e), ".mediaType");
	return 0;
}

static int check_index(const void *p, const struct json *v, struct err *e)
{
	const struct oci_image_index *x = p;

	if (x->manifests.len > OCI_MAX_MANIFESTS)
		return too_many(v, "manifests", x->manifests.len, OCI_MAX_MANIFESTS, e);
	return check_kind(v, x->media_type, OCI_MEDIA_INDEX, e);
}

#define S struct oci_image_index
static const struct field index_fields[] = {
	F_U32_IN(S, schema, "schemaVersion", REQUIRED, 2, 2),
	F_STR(S, media_type, "mediaType", 0),
	F_STR(S, artifact_type, "artifactType", 0),
	ROW_(S, manifests.at, struct oci_descriptor *, "manifests", K_OBJ, LIST, REQUIRED, &oci_descriptor_object, 0, 0),
	F_MAP(S, annotations, "annotations"),
};
const struct object oci_image_index_object = OBJECT(S, index_fields, check_index);
#undef S

static int check_layers(const struct oci_image_manifest *m, const struct json *v, struct err *e)
{
	const struct json *list = json_get(v, "layers");

	if (m->layers.len > OCI_MAX_LAYERS)
		return too_many(v, "layers", m->layers.len, OCI_MAX_LAYERS, e);
	for (size_t i = 0; i < m->layers.len; i++) {
		const char *type = m->layers.at[i].media_type;

		if (!oci_media_is_layer(oci_media_of(type)))
			return err_path(e, bad_media(json_item(list, i), type, "a layer: a tar, plain or as gzip or zstd", e),
					".layers[%zu]", i);
	}
	return 0;
}

static int check_manifest(const void *p, const struct json *v, struct err *e)
{
	const struct oci_image_manifest *m = p;
	const char *type = m->config->media_type;
	int r = check_kind(v, m->media_type, OCI_MEDIA_MANIFEST, e);

	if (r < 0)
		return r;
	if (oci_media_of(type) != OCI_MEDIA_CONFIG)
		return err_path(e, bad_media(json_get(v, "config"), type, "an image configuration; this is an artifact, not an image", e),
				".config");
	if (m->config->size > OCI_CONFIG_BYTES)
		return oci_bad_key(v, "config", e, "its size is %llu, %d is the limit", (unsigned long long)m->config->size,
				   OCI_CONFIG_BYTES);
	return check_layers(m, v, e);
}

#define S struct oci_image_manifest
static const struct field manifest_fields[] = {
	F_U32_IN(S, schema, "schemaVersion", REQUIRED, 2, 2),
	F_STR(S, media_type, "mediaType", 0),
	F_STR(S, artifact_type, "artifactType", 0),
	F_OBJ(S, config, struct oci_descriptor, "config", REQUIRED, &oci_descriptor_object),
	ROW_(S, layers.at, struct oci_descriptor *, "layers", K_OBJ, LIST, REQUIRED, &oci_descriptor_object, 0, 0),
	F_MAP(S, annotations, "annotations"),
};
const struct object oci_image_manifest_object = OBJECT(S, manifest_fields, check_manifest);
#undef S

static const struct object key_object = { sizeof(struct oci_image_key), NULL, 0, NULL };

static int check_run(const void *p, const struct json *v, struct err *e)
{
	const struct oci_image_run *r = p;

	if (r->env.len > OCI_MAX_ENV)
		return too_many(v, "Env", r->env.len, OCI_MAX_ENV, e);
	if (r->volumes.len > OCI_MAX_VOLUMES)
		return too_many(v, "Volumes", r->volumes.len, OCI_MAX_VOLUMES, e);
	return oci_check_env(&r->env, v, e);
}

#define S struct oci_image_run
static const struct field run_fields[] = {
	F_STR(S, user, "User", 0),
	F_OBJ_MAP(S, ports, struct oci_image_key, "ExposedPorts", &key_object),
	F_STRS(S, env, "Env", 0),
	F_STRS(S, entrypoint, "Entrypoint", 0),
	F_STRS(S, cmd, "Cmd", 0),
	F_OBJ_MAP(S, volumes, struct oci_image_key, "Volumes", &key_object),
	F_STR(S, workdir, "WorkingDir", 0),
	F_MAP(S, labels, "Labels"),
	F_STR(S, stop_signal, "StopSignal", 0),
};
static const struct object run_object = OBJECT(S, run_fields, check_run);
#undef S

static int check_rootfs(const void *p, const struct json *v, struct err *e)
{
	const struct oci_image_rootfs *r = p;

	if (strcmp(r->type, "layers"))
		return oci_bad_key(v, "type", e, "expected \"layers\"");
	if (r->diff_ids.len > OCI_MAX_LAYERS)
		return too_many(v, "diff_ids", r->diff_ids.len, OCI_MAX_LAYERS, e);
	for (size_t i = 0; i < r->diff_ids.len; i++)
		if (!oci_is_digest(r->diff_ids.at[i]))
			return err_path(e, bad_digest(json_item(json_get(v, "diff_ids"), i), r->diff_ids.at[i], e),
					".diff_ids[%zu]", i);
	return 0;
}

#define S struct oci_image_rootfs
static const struct field rootfs_fields[] = {
	F_STR(S, type, "type", REQUIRED),
	F_STRS(S, diff_ids, "diff_ids", REQUIRED),
};
static const struct object rootfs_object = OBJECT(S, rootfs_fields, check_rootfs);
#undef S

#define S struct oci_image_history
static const struct field history_fields[] = {
	F_STR(S, created, "created", 0),
	F_STR(S, created_by, "created_by", 0),
	F_STR(S, author, "author", 0),
	F_STR(S, comment, "comment", 0),
	F_BOOL(S, empty_layer, "empty_layer", 0),
};
static const struct object history_object = OBJECT(S, history_fields, NULL);
#undef S

static int check_config(const void *p, const struct json *v, struct err *e)
{
	const struct oci_image_config *c = p;

	return check_words(v, c->os, c->architecture, c->variant, e);
}

#define S struct oci_image_config
static const struct field config_fields[] = {
	F_STR(S, created, "created", 0),
	F_STR(S, author, "author", 0),
	F_STR(S, architecture, "architecture", REQUIRED),
	F_STR(S, variant, "variant", 0),
	F_STR(S, os, "os", REQUIRED),
	F_STR(S, os_version, "os.version", 0),
	F_STRS(S, os_features, "os.features", 0),
	F_OBJ(S, config, struct oci_image_run, "config", 0, &run_object),
	F_OBJ(S, rootfs, struct oci_image_rootfs, "rootfs", REQUIRED, &rootfs_object),
	F_LIST(S, history, struct oci_image_history, "history", &history_object),
};
const struct object oci_image_config_object = OBJECT(S, config_fields, check_config);
#undef S

int oci_image_agree(const struct oci_image_manifest *m, const struct oci_image_config *c, const char *name,
		    struct err *e)
{
	if (m->layers.len == c->rootfs->diff_ids.len)
		return 0;
	return err_set(e, EINVAL, "%s: the manifest has %zu layers and the configuration %zu diff_ids", name, m->layers.len,
		       c->rootfs->diff_ids.len);
}

#define S struct oci_docker_save
static const struct field docker_save_fields[] = {
	F_STR(S, config, "Config", REQUIRED),
	F_STRS(S, tags, "RepoTags", 0),
	F_STRS(S, layers, "Layers", REQUIRED),
};
const struct object oci_docker_save_object = OBJECT(S, docker_save_fields, NULL);
#undef S
