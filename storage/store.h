/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H
/*
 * The data directory (--data):
 *
 *	images/		an OCI image layout: oci-layout, index.json, blobs/sha256/HEX; names are annotations of the index
 *	layers/HEX/	one per DiffID: fs/, that layer's tree alone as overlayfs keeps it, and layer.json
 *	volumes/NAME/	data/ and volume.json
 *	instances/NAME/	a bundle: config.json, upper/, work/
 *	locks/		one empty file per lock
 *
 * An object is made under a name that begins with ".new-", synced, and renamed: that it has its name says that it is
 * complete.  Whoever uses images or layers that nothing names yet (an import before its index entry, a run before its
 * instance is written) holds the lock "images" shared; whoever removes some holds it exclusively.
 */
#include "oci/image.h"

struct st_store {
	int dir;	  /* of the data directory; closed by st_done */
	const char *path; /* absolute */
};
#define ST_NONE { -1, NULL }
void st_done(struct st_store *s);
#define auto_store __attribute__((cleanup(st_done))) struct st_store

/* Opens the absolute path `data`; with `make` missing directories are made, without it -ENOENT says that there is none.  A directory that
 * others may enter is refused: layers hold setuid programs. */
int st_open(struct arena *a, const char *data, bool make, struct st_store *out, struct err *e);
/* Waits for the lock, and after a second says so on stderr; the descriptor is the lock.  Names of locks have letters, digits, "." "-" "_". */
int st_lock(const struct st_store *s, const char *what, bool exclusive, struct err *e);
/* Opens a directory of the store, "images", "layers" …, for reading. */
int st_subdir(const struct st_store *s, const char *name, struct err *e);

struct st_image {
	const char *name, *digest; /* the name as the index has it, NULL when the image has none; the manifest's digest */
	struct oci_image_manifest manifest;
	struct oci_image_config config;
	strings layers; /* absolute fs/ directories, the top first; a layer that is there twice stands once */
};
/* By exact name (tag "latest" when none), else as the last components of just one name, else as the beginning of just
 * one digest, 8 digits at least. */
int st_find_image(struct arena *a, const struct st_store *s, const char *reference, struct st_image *out, struct err *e);
#endif
