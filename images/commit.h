/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_COMMIT_H
#define IMAGES_COMMIT_H
/* What an instance has written becomes the top layer of a new image. */
#include "images/import.h"

struct img_commit {
	const char *name, *from; /* of the image, with its tag; of the instance */
	const char *base;	 /* digest of the manifest it was made of */
	int upper;		 /* its directory */
	strings omit;		 /* images/pack.h */
	const char *message, *author;
	strings changes; /* images/change.h */
	/* Said when the directory has been read: a failure ends the commit. */
	int (*was_read)(void *data, struct err *e);
	void *data;
};
/* The index has it under its name afterwards. */
int img_commit(struct img_job *j, const struct img_commit *c, struct img_entry *out, struct err *e);
#endif
