/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_REPAIR_H
#define IMAGES_REPAIR_H
#include "images/job.h"

/* Whether the error `r` says that what is on the disk is wrong or missing.  All else, too few descriptors or a disk that does
 * not answer, is trouble in reading it, which no removal cures. */
bool img_is_damage(int r);
/* Replaces an index that does not parse by one of all images whose documents are among the blobs, without names; `did`
 * says so.  The old index is kept beside it.  The caller holds the lock "index" exclusively. */
int img_renew_index(struct img_job *j, struct oci_image_index *out, const char **did, struct err *e);
#endif
