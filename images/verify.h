/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_VERIFY_H
#define IMAGES_VERIFY_H
/*
 * Looks at everything in the store, from the bytes up: blobs, layers, images, instances, leftovers.  Repair goes the
 * same way, so that an image is judged by what is left of its blobs.  With `repair` the job
 * holds the lock "images" exclusively, else it may be shared.
 */
#include "images/tidy.h"

struct img_findings {
	struct text text; /* a line for each */
	uint64_t found, repaired;
	uint64_t blobs, layers, images; /* looked at */
};
int img_verify(struct img_job *j, bool repair, struct img_findings *out, struct err *e);
#endif
