/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_PACK_H
#define IMAGES_PACK_H
/*
 * Trees become tar archives, in the order of names, by descriptors.  Of several layers that is packed which overlayfs
 * would show of them.  One tree alone may be packed as a layer: its whiteouts and opaque directories are then written
 * as the image specification has them.
 */
#include <pthread.h>

#include "base/err.h"
#include "storage/view.h"

enum img_pack_as { IMG_PACK_TREE, IMG_PACK_LAYER /* of one part: whiteouts are wanted as such */ };
/* Writes a whole archive, uncompressed, to the descriptor.  `omit`: files, by paths such as "etc/hosts", that are left out
 * when they are empty; NULL: none. */
int img_pack(int fd, const struct st_view *root, enum img_pack_as as, const strings *omit, struct err *e);

/* The same by a thread, to be read from a pipe. */
struct img_packer {
	int from, to, root;
	enum img_pack_as as;
	strings omit;
	pthread_t thread;
	bool running;
	struct err err;
};
int img_packer_start(struct img_packer *p, int root, enum img_pack_as as, struct err *e);
/* `r` is how reading went: the failure that came first is told. */
int img_packer_finish(struct img_packer *p, int r, struct err *e);
void img_packer_done(struct img_packer *p);
#define auto_packer __attribute__((cleanup(img_packer_done))) struct img_packer
#define IMG_PACKER_NONE { .from = -1, .to = -1, .root = -1 }
#endif
