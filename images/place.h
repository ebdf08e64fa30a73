/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_PLACE_H
#define IMAGES_PLACE_H
/* What unpack.c, which finds places, and make.c, which fills them, share. */
#include <sys/stat.h>
#include <time.h>

#include "images/unpack.h"

struct img_later {
	struct img_later *next;
	const char *path;
	struct timespec times[2];
};

/* One entry on its way: where it goes and what is said of it. */
struct img_place {
	const char *path, *name; /* clean; the last component of path, or "." */
	int parent;		 /* not owned */
	bool over_whiteout;	 /* a whiteout of the same layer was here */
};

int img_bad(const struct img_place *p, struct err *e, const char *why);
int img_bad_sys(const struct img_place *p, struct err *e, const char *what); /* of errno */

struct img_maker {
	unsigned type;
	int (*make)(struct img_tree *, struct img_stream *, struct archive_entry *, struct img_place *, struct err *);
};
extern const struct img_maker img_makers[]; /* ends with a NULL */
int img_make_hardlink(struct img_tree *t, const char *target, struct img_place *p, struct err *e);
int img_make_whiteout(const struct img_place *p, struct err *e);
/* The directory gets its times when everything is in it. */
int img_remember(struct img_tree *t, const char *path, const struct timespec times[2], struct err *e);
bool img_is_whiteout(int dir, const char *path);
int img_open_beneath(const struct img_tree *t, const char *path, int flags); /* "" is the root */
#endif
