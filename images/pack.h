/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_PACK_H
#define IMAGES_PACK_H
/*
 * Trees become tar archives, in the order of names, by descriptors.  Several trees are layers, the top one first: what
 * is packed is what overlayfs would show of them.  One tree alone may be packed as a layer: its whiteouts and opaque
 * directories are then written as the image specification has them.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct archive;
struct img_pack {
	const int *roots; /* directories, the top one first */
	size_t n;
	bool layer; /* n is 1, and whiteouts are wanted as such */
};
/* Adds everything to an archive that is open for writing. */
int img_pack_into(struct archive *w, const struct img_pack *p, struct err *e);
/* A whole archive, uncompressed, written to the descriptor. */
int img_pack(int fd, const struct img_pack *p, struct err *e);

/* The same by a thread, to be read from a pipe. */
struct img_packer {
	int from, to, root;
	struct img_pack pack;
	pthread_t thread;
	bool running;
	struct err err;
};
int img_packer_start(struct img_packer *p, int root, struct err *e);
/* `r` is how reading went: the failure that came first is told. */
int img_packer_finish(struct img_packer *p, int r, struct err *e);
void img_packer_done(struct img_packer *p);
#define auto_packer __attribute__((cleanup(img_packer_done))) struct img_packer
#define IMG_PACKER_NONE { .from = -1, .to = -1, .root = -1 }
#endif
