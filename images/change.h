/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_CHANGE_H
#define IMAGES_CHANGE_H
/* What a person says of an image's configuration. */
#include "oci/image.h"

/* "dnsmasq -k", or "[\"sh\", \"-c\", \"a  b\"]" where blanks matter; `what` names it in messages. */
int img_words(struct arena *a, const char *what, const char *text, strings *out, struct err *e);
/* "CMD=…", "ENV=NAME=VALUE", "EXPOSE=53/udp" …, also with a blank for the first "=", as in a Dockerfile. */
int img_change(struct arena *a, const char *text, struct oci_image_run *run, struct err *e);
#endif
