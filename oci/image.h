/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_IMAGE_H
#define OCI_IMAGE_H
/*
 * The documents of the OCI image specification 1.1: descriptor, index, manifest and image configuration, and the list in
 * an archive of `docker save`.  Docker's own media types count as their OCI equals.  Everything here comes from
 * strangers: what the tables let through has digests that are safe as file names, and sizes and counts within bounds.
 */
#include "oci/bind.h"

enum {
	OCI_INDEX_BYTES = 4 << 20, /* also a manifest's */
	OCI_CONFIG_BYTES = 8 << 20,
	OCI_MAX_LAYERS = 500, /* what overlayfs takes */
	OCI_MAX_MANIFESTS = 10000,
	OCI_MAX_ENV = 10000, OCI_MAX_VOLUMES = 1000, /* of a configuration: each is compared with those before */
	OCI_MAX_PLATFORM = 64, /* a word of one: it is copied into the index, and shown */
	OCI_DIGEST_LEN = 71, /* "sha256:" and 64 digits */
};
#define OCI_SHA256 "sha256:"
#define OCI_REF_NAME "org.opencontainers.image.ref.name"

enum oci_media {
	OCI_MEDIA_OTHER,
	OCI_MEDIA_INDEX,
	OCI_MEDIA_MANIFEST,
	OCI_MEDIA_CONFIG,
	OCI_MEDIA_LAYER,
	OCI_MEDIA_LAYER_GZIP,
	OCI_MEDIA_LAYER_ZSTD,
};
enum oci_media oci_media_of(const char *media_type); /* NULL is OCI_MEDIA_OTHER */
const char *oci_media_name(enum oci_media m);	     /* the OCI one */
bool oci_media_is_layer(enum oci_media m);
/* "sha256:" and 64 lower-case hexadecimal digits, nothing else. */
bool oci_is_digest(const char *s);

struct oci_platform {
	const char *architecture, *os, *os_version;
	strings os_features;
	const char *variant;
};
extern const struct object oci_platform_object;

struct oci_descriptor {
	const char *media_type, *digest;
	uint64_t size;
	strings urls;
	pairs annotations;
	const char *data, *artifact_type;
	const struct oci_platform *platform;
};
extern const struct object oci_descriptor_object;

struct oci_image_index {
	uint32_t schema;
	const char *media_type, *artifact_type;
	LIST_OF(struct oci_descriptor) manifests;
	pairs annotations;
};
extern const struct object oci_image_index_object;

struct oci_image_manifest {
	uint32_t schema;
	const char *media_type, *artifact_type;
	const struct oci_descriptor *config;
	LIST_OF(struct oci_descriptor) layers; /* the lowest first */
	pairs annotations;
};
extern const struct object oci_image_manifest_object;

struct oci_image_key { /* "53/udp": {} */
	const char *name;
};
struct oci_image_run {
	const char *user;
	LIST_OF(struct oci_image_key) ports;
	strings env, entrypoint, cmd;
	LIST_OF(struct oci_image_key) volumes;
	const char *workdir;
	pairs labels;
	const char *stop_signal;
};
struct oci_image_rootfs {
	const char *type;
	strings diff_ids; /* the lowest first */
};
struct oci_image_history {
	const char *created, *created_by, *author, *comment;
	bool empty_layer;
};
struct oci_image_config {
	const char *created, *author, *architecture, *variant, *os, *os_version;
	strings os_features;
	const struct oci_image_run *config; /* NULL when absent */
	const struct oci_image_rootfs *rootfs;
	LIST_OF(struct oci_image_history) history;
};
extern const struct object oci_image_config_object;

/* What the two say together: one diff_id for each layer.  `name` begins the sentence. */
int oci_image_agree(const struct oci_image_manifest *m, const struct oci_image_config *c, const char *name,
		    struct err *e);

/* One entry of manifest.json in an archive of `docker save`. */
struct oci_docker_save {
	const char *config;
	strings tags, layers;
};
extern const struct object oci_docker_save_object;

/* The value of a key in a map of strings; NULL when absent. */
const char *oci_pair(const pairs *p, const char *key);
#endif
