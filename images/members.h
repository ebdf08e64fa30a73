/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_MEMBERS_H
#define IMAGES_MEMBERS_H
/*
 * The files of an image source by name: of a directory, or of an archive, whose files are staged in a directory of the
 * store because an archive has them in any order.
 */
#include "images/job.h"

struct img_member {
	const char *name;  /* in the archive */
	const char *file;  /* in the staging directory */
	const char *alias; /* the name that a link points at */
};
struct img_members {
	int dir;
	bool staged;
	LIST_OF(struct img_member) list;
	struct st_new staging;
};

int img_members_of_dir(struct img_members *m, const char *path, struct err *e);
int img_members_of_archive(struct img_members *m, struct img_job *j, struct img_feed *f, struct err *e);
void img_members_done(struct img_members *m);
#define auto_members __attribute__((cleanup(img_members_done))) struct img_members
#define IMG_MEMBERS_NONE { .dir = -1, .staging = ST_NEW_NONE }

bool img_member_exists(const struct img_members *m, const char *name);
/* Opens a regular file; *file is its name in the staging directory, or NULL. */
int img_member_open(const struct img_members *m, const char *name, const char **file, struct err *e);
int img_member_read(struct arena *a, const struct img_members *m, const char *name, size_t max, char **out, size_t *len,
		    struct err *e);
#endif
