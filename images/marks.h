/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_MARKS_H
#define IMAGES_MARKS_H
/*
 * What is in use, found anew each time and never stored: an image's name uses its manifest, configuration, blobs and
 * layers; an instance uses the layers that its document names and the image that it came from.
 */
#include "base/text.h"
#include "images/job.h"

struct img_marks {
	struct strv blobs, layers; /* hexadecimal digits, sorted */
};

struct img_user {
	const char *name;   /* of the instance */
	const char *image;  /* the digest of its image; NULL: none */
	strings lower;	    /* as its document has them */
};
typedef LIST_OF(struct img_user) img_users;

/* The instances; one whose document cannot be read is an error: nobody knows what it uses. */
int img_read_users(struct arena *a, const struct st_store *s, img_users *out, struct err *e);
/* Fails when an image or instance cannot be read, because then nothing may be removed. */
int img_mark(struct img_job *j, const struct oci_image_index *x, struct img_marks *out, struct err *e);
bool img_is_marked(const struct strv *marks, const char *hex);
/* The 64 digits in "…/layers/HEX/fs"; NULL when it is no such path. */
const char *img_layer_hex(struct arena *a, const char *path);
/* The names in a directory of the store that are 64 digits. */
int img_list_hex(struct arena *a, int dir, struct strv *out, struct err *e);
#endif
