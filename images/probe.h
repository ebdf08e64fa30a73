/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_PROBE_H
#define IMAGES_PROBE_H
/* What a source is, told by its first bytes and not by its name. */
#include "images/feed.h"
#include "images/stream.h"

enum img_kind { IMG_AUTO, IMG_OCI_DIR, IMG_OCI_ARCHIVE, IMG_DOCKER_ARCHIVE, IMG_ROOTFS };

/* Of an archive: IMG_ROOTFS, or IMG_OCI_ARCHIVE for every archive of an image, and its compression. */
int img_probe(struct img_feed *f, enum img_kind *kind, enum img_coding *coding, struct err *e);
#endif
