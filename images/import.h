/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_IMPORT_H
#define IMAGES_IMPORT_H
/* Images come into the store: from layouts and archives of other tools, or a plain root filesystem. */
#include "images/members.h"
#include "images/platform.h"
#include "images/probe.h"

struct img_import {
	const char *source; /* a path; "-" is standard input */
	const char *name;   /* NULL: the source's own */
	const char *platform;
	enum img_kind kind;
	const struct oci_image_run *config; /* of a plain root filesystem; NULL: nothing was said */
};

/* An entry for the index. */
struct img_entry {
	struct oci_descriptor manifest;
	const char *name;
};
typedef LIST_OF(struct img_entry) img_entries;

/* All images of the source are in the store afterwards, and in the index with the names in `out`. */
int img_import(struct img_job *j, const struct img_import *in, img_entries *out, struct err *e);

/* The kinds of sources; each brings blobs and layers and says which entries there are. */
int img_import_oci(struct img_job *j, const struct img_import *in, const struct img_members *m, img_entries *out, struct err *e);
int img_import_docker(struct img_job *j, const struct img_import *in, const struct img_members *m, img_entries *out,
		      struct err *e);
int img_import_rootfs(struct img_job *j, const struct img_import *in, struct img_feed *f, enum img_coding c, img_entries *out,
		      struct err *e);

/* Names the entries in the index, durably; an image that had the name before loses it. */
int img_name_entries(struct img_job *j, const img_entries *entries, struct err *e);
/* A manifest and its configuration for layers that are in the store already. */
int img_put_image(struct img_job *j, const char *config, size_t config_len, const struct img_layer *layers, size_t n,
		  struct oci_descriptor *out, struct err *e);
/* What the index is to say of an image, for longer than the memory it was made in: an archive may have thousands of
 * images, and each may be told by the same large document. */
struct oci_descriptor img_keep_manifest(struct arena *a, const struct oci_descriptor *d);
/* The name for an image that carries the mark `own`, which may be NULL or a tag alone. */
int img_choose_name(struct arena *a, const struct img_import *in, const char *own, const char **out, struct err *e);
#endif
