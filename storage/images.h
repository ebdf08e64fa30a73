/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_IMAGES_H
#define STORAGE_IMAGES_H
/* The image layout of the store, read: the index, blobs that are documents, and which image a word means. */
#include "storage/store.h"

/* "abcd…" of "sha256:abcd…": what blobs and layers are called. */
const char *st_hex(const char *digest);
const char *st_blob_path(struct arena *a, const char *digest); /* below the data directory */
const char *st_layer_path(struct arena *a, const struct st_store *s, const char *diff_id); /* absolute, its fs/ */

/* An absent index is an empty one. */
int st_read_index(struct arena *a, const struct st_store *s, struct oci_image_index *out, struct err *e);
/* Replaces it durably; the caller holds the lock "index" exclusively since it read it. */
int st_write_index(struct arena *a, const struct st_store *s, const struct oci_image_index *x, struct err *e);
const char *st_image_name(const struct oci_descriptor *d); /* NULL when it has none */
/* The entry that `reference` means. */
int st_pick(struct arena *a, const struct oci_image_index *x, const char *reference, const struct oci_descriptor **out,
	    struct err *e);
/* The manifest and the configuration behind an entry of the index, and its layers. */
int st_load_image(struct arena *a, const struct st_store *s, const struct oci_descriptor *d, struct st_image *out,
		  struct err *e);
#endif
