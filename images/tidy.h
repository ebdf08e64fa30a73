/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_TIDY_H
#define IMAGES_TIDY_H
/* Takes out of the store what nothing uses.  The job holds the lock "images", exclusively for what
 * removes. */
#include "images/marks.h"

struct img_gain {
	uint64_t blobs, layers, junk; /* how many */
	uint64_t bytes;		      /* that they took on the disk */
};

/* With `dry` nothing is removed, only counted. */
int img_tidy(struct img_job *j, bool dry, struct img_gain *out, struct err *e);
/* Removes a layer so that it is gone or whole, never half there. */
int img_drop_layer(struct img_job *j, const char *hex, struct err *e);
/* Removes the entry that `reference` means from the index.  Refused when an instance uses the image and this is its
 * last name, unless forced. */
int img_remove_name(struct img_job *j, const char *reference, bool force, struct err *e);
#endif
