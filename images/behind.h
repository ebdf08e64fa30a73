/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_BEHIND_H
#define IMAGES_BEHIND_H
/*
 * A second thread, which hashes what was read and copies it to its blob while the first unpacks it.  Chunks are done in
 * their order; their memory stays the giver's, who asks before it uses it again.  The first chunk is done at once: a
 * source that has no more needs no thread.
 */
#include <pthread.h>

#include "images/hash.h"

enum { IMG_BEHIND = 8 }; /* chunks that may wait */
struct img_behind {
	struct img_hash hash;
	int copy; /* not owned; -1: none.  Set before the first chunk. */
	pthread_t thread;
	bool running, ended;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct {
		const char *data;
		size_t len;
	} chunks[IMG_BEHIND];
	uint64_t given, done, copied; /* chunks, chunks, bytes */
	int r;			      /* the first failure; nothing is copied after it */
};

int img_behind_begin(struct img_behind *b, struct err *e);
/* The next chunk; -errno of this one or of one before. */
int img_behind_give(struct img_behind *b, const char *data, size_t len);
/* Until no more than `most` chunks wait. */
void img_behind_wait(struct img_behind *b, unsigned most);
/* Until none waits; then the digest of all. */
int img_behind_digest(struct img_behind *b, img_digest out, struct err *e);
void img_behind_done(struct img_behind *b);
#endif
