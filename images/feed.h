/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_FEED_H
#define IMAGES_FEED_H
/*
 * The bytes of a source as they come, each read once: counted, hashed, shown as progress, and copied to the blob that
 * they will be.  What was given out last stays where it is until more is asked for.
 */
#include <sys/types.h>

#include "images/behind.h"
#include "images/progress.h"

enum { IMG_AHEAD = 1 << 20 };
struct img_feed {
	int fd;		  /* not owned */
	uint64_t total;	  /* bytes given out */
	uint64_t most;	  /* more than this is an error */
	struct img_progress *progress;
	struct img_behind behind; /* what becomes of them besides; behind.copy may be set before the first */
	char *buffer, *ahead;
	size_t ahead_len;
	uint64_t chunks;
};

int img_feed_begin(struct img_feed *f, struct arena *a, int fd, struct err *e);
/* The first bytes, up to IMG_AHEAD, without taking them. */
int img_feed_peek(struct img_feed *f, const char **data, size_t *len, struct err *e);
/* The next bytes; 0 at the end. */
ssize_t img_feed_next(struct img_feed *f, const void **data, struct err *e);
/* Of all bytes that were given out, when all of them are hashed and copied. */
int img_feed_digest(struct img_feed *f, img_digest out, struct err *e);
/* Nothing is copied from here on until more is asked for: the copy may go. */
void img_feed_settle(struct img_feed *f);
void img_feed_done(struct img_feed *f);
#define auto_feed __attribute__((cleanup(img_feed_done))) struct img_feed
#endif
