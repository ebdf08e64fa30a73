/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_VOLUME_H
#define IMAGES_VOLUME_H
/* Volumes as tar archives. */
#include "images/stream.h"
#include "storage/volume.h"

/* An uncompressed archive, with owners as instances see them. */
int img_volume_export(struct arena *a, const struct st_store *s, const char *name, int fd, struct err *e);
/* From an archive, compressed or not, into a volume that is empty or not there yet; all of it or nothing. */
int img_volume_import(struct arena *a, const struct st_store *s, const char *name, int fd, const struct img_limits *limits,
		      struct err *e);
#endif
