/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_VOLUME_H
#define STORAGE_VOLUME_H
/*
 * Named volumes: volumes/NAME/data is what instances mount, volumes/NAME/volume.json what is known of it.  Owners on
 * disk are those that an instance sees.  A volume is made under another name and renamed when it is complete.
 */
#include "storage/objects.h"
#include "storage/store.h"
#include "storage/view.h"

struct st_volume {
	const char *name, *created;
	pairs labels;
};
typedef LIST_OF(struct st_volume) st_volumes;
extern const struct object st_volume_object;

/* Letters, digits and _ . - , the first a letter or a digit; as for instances' names. */
int st_volume_check_name(const char *name, struct err *e);
const char *st_volume_path(struct arena *a, const struct st_store *s, const char *name); /* of its data */

/* -EEXIST when there is one. */
int st_volume_make(struct arena *a, const struct st_store *s, const char *name, const pairs *labels, struct err *e);
/* -ENOENT with a sentence. */
int st_volume_read(struct arena *a, const struct st_store *s, const char *name, struct st_volume *out, struct err *e);
int st_volume_list(struct arena *a, const struct st_store *s, st_volumes *out, struct err *e); /* by name */
int st_volume_remove(struct arena *a, const struct st_store *s, const char *name, struct err *e);

/* What an empty volume is to hold is made in n, beside its data, and renamed over them: half of it is never seen, nor
 * mistaken for a user's own. */
struct st_filling {
	int lock, dir;
	bool wanted; /* it is empty, and n is there */
	struct st_new n;
};
#define ST_FILLING_NONE { .lock = -1, .dir = -1, .n = ST_NEW_NONE }
void st_filling_done(struct st_filling *f);
#define auto_filling __attribute__((cleanup(st_filling_done))) struct st_filling
int st_filling_begin(struct arena *a, const struct st_store *s, const char *name, struct st_filling *f, struct err *e);
int st_filling_end(struct st_filling *f, struct err *e);

/*
 * Copies what an image has at `path` into a volume that holds nothing yet, with owners, modes, times and attributes;
 * a volume with something in it, and a path that the image does not have, is left alone.
 */
int st_volume_fill(struct arena *a, const struct st_store *s, const char *name, const struct st_view *image,
		   const char *path, struct err *e);
#endif
