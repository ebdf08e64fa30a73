/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_EXPORT_H
#define IMAGES_EXPORT_H
/* Images go out, with the bytes that came in; each blob's digest is checked once more on its way. */
#include "images/job.h"
#include "images/probe.h"

/* `output`: a file that is replaced when all is written, a directory that is made (IMG_OCI_DIR), or NULL for standard
 * output. */
int img_export(struct img_job *j, const struct st_image *i, enum img_kind kind, const char *output, struct err *e);
#endif
