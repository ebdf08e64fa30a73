/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_JOB_H
#define IMAGES_JOB_H
/* One command's work on the store: its directories, its limits, and the objects it makes. */
#include "images/stream.h"
#include "storage/images.h"
#include "storage/objects.h"

struct img_job {
	struct arena *arena;
	const struct st_store *store;
	const struct img_limits *limits;
	struct img_progress *progress; /* NULL: none */
	int layers, blobs;	       /* directories; closed by img_job_done */
	int lock;		       /* "images" */
};
/* Shared: nobody takes away what is added and not named yet.  Exclusive: things may be removed. */
enum img_access { IMG_SHARED, IMG_EXCLUSIVE };
int img_job_begin(struct img_job *j, struct arena *a, const struct st_store *s, enum img_access how, struct err *e);
void img_job_done(struct img_job *j);
#define auto_job __attribute__((cleanup(img_job_done))) struct img_job
#define IMG_JOB_NONE { .layers = -1, .blobs = -1, .lock = -1 }

/* A document becomes a blob; `out` is its digest. */
int img_put_blob(struct img_job *j, const char *data, size_t len, img_digest out, struct err *e);
int img_put_document(struct img_job *j, const struct object *o, const void *in, struct oci_descriptor *out, struct err *e);

/* One layer: its bytes are checked, kept as a blob and unpacked. */
struct img_layer_in {
	int fd;
	const char *what;   /* begins every sentence; may be NULL */
	const char *digest; /* of the bytes; NULL: unknown */
	const char *diff_id;
	uint64_t size;	    /* of the bytes; IMG_ANY: unknown */
	strings below;	    /* img_layers_below() */
	bool kept;	    /* the blob is in the store already */
	bool plain;	    /* the blob is the uncompressed archive: the specification has no such compression */
	/* A file of the store's own file system that becomes the blob without being copied; -1: none. */
	int file_dir;
	const char *file;
	struct img_feed *feed; /* when reading from fd has begun already; else NULL */
};
#define IMG_ANY UINT64_MAX
struct img_layer {
	img_digest digest, diff_id;
	uint64_t size; /* of the blob */
	enum oci_media media;
};
/* The directories of the layers under the nth, the top one first. */
strings img_layers_below(const struct img_job *j, const strings *diff_ids, size_t n);
int img_add_layer(struct img_job *j, const struct img_layer_in *in, struct img_layer *out, struct err *e);
int img_sync(struct img_job *j, struct err *e); /* after this all that was added is there, whatever happens */
#endif
