/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_PLATFORM_H
#define IMAGES_PLATFORM_H
/* Which of several images of one name is for this machine. */
#include "oci/image.h"

/* "OS/ARCH[/VARIANT]", or what this machine is when text is NULL. */
int img_platform_parse(struct arena *a, const char *text, struct oci_platform *out, struct err *e);
/* An image that this platform does not run is taken, for it may be meant to go on to another; but this is said. */
void img_platform_warn(struct arena *a, const char *name, const struct oci_platform *p, const struct oci_platform *host);
const char *img_platform_text(struct arena *a, const struct oci_platform *p);
struct oci_platform img_platform_of(const struct oci_image_config *c);
/* With words of its own. */
const struct oci_platform *img_platform_copy(struct arena *a, struct oci_platform p);
/* How well an image of `p` runs on `host`: 0 not at all; NULL for an image that does not say: a little. */
int img_platform_score(const struct oci_platform *p, const struct oci_platform *host);
#endif
