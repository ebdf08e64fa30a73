/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_FEED_H
#define IMAGES_FEED_H
/*
 * The bytes of a source as they come, each read once: counted, hashed, shown as progress, and copied to the blob that
 * they will be.
 */
#include <sys/types.h>

#include "images/hash.h"
#include "images/progress.h"

enum { IMG_AHEAD = 1 << 20 };
struct img_feed {
	int fd, copy;	  /* neither owned; copy may be -1 */
	uint64_t total;	  /* bytes given out */
	uint64_t most;	  /* more than this is an error */
	struct img_progress *progress;
	struct img_hash hash;
	char *buffer, *ahead;
	size_t ahead_len;
};

int img_feed_begin(struct img_feed *f, struct arena *a, int fd, struct err *e);
/* The first bytes, up to IMG_AHEAD, without taking them. */
int img_feed_peek(struct img_feed *f, const char **data, size_t *len, struct err *e);
/* The next bytes; 0 at the end. */
ssize_t img_feed_next(struct img_feed *f, const void **data, struct err *e);
void img_feed_done(struct img_feed *f);
#define auto_feed __attribute__((cleanup(img_feed_done))) struct img_feed
#endif
