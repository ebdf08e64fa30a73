/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_HASH_H
#define IMAGES_HASH_H
#include <stddef.h>

#include "oci/image.h"

/* SHA-256 by libcrypto, as a digest's text. */
struct img_hash {
	void *state;
};
typedef char img_digest[OCI_DIGEST_LEN + 1];

int img_hash_begin(struct img_hash *h, struct err *e);
int img_hash_add(struct img_hash *h, const void *data, size_t len); /* 0 or -EIO */
int img_hash_end(struct img_hash *h, img_digest out, struct err *e);
void img_hash_done(struct img_hash *h);
int img_hash_text(const char *data, size_t len, img_digest out, struct err *e);
#endif
