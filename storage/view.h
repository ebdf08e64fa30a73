/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_VIEW_H
#define STORAGE_VIEW_H
/*
 * Layers read as overlayfs would show them, without a mount: whiteouts (character device 0:0) hide what lies below,
 * opaque directories (trusted.overlay.opaque) everything below.  What stands there is a stranger's: symbolic links are
 * followed by this file and never by the kernel, so that they end inside; nothing that is no directory is opened here.
 * Functions return -errno without a sentence.
 */
#include <sys/stat.h>

#include "oci/bind.h" /* strings */

/* A merged directory: descriptors of its parts, the top one first. */
struct st_view {
	size_t n;
	int *at;
};
void st_view_done(struct st_view *v);
#define auto_view __attribute__((cleanup(st_view_done))) struct st_view

int st_view_open(struct arena *a, const strings *layers, struct st_view *out);

/* What a name in a merged directory is. */
struct st_entry {
	struct stat st;	    /* of the topmost part */
	size_t part;	    /* whose directory holds it */
	struct st_view sub; /* of a directory */
};
int st_view_look(struct arena *a, const struct st_view *dir, const char *name, struct st_entry *out);

/* Walks as if the view were "/"; links are followed, also the last one.  *parent holds what was found under the name
 * *name; both are empty for "/" itself, for which *out is the root again. */
int st_view_walk(struct arena *a, const struct st_view *root, const char *path, struct st_view *parent, const char **name,
		 struct st_entry *out);
/* A regular file of at most `max` bytes, NUL-terminated; -EINVAL for anything else. */
int st_view_read(struct arena *a, const struct st_view *root, const char *path, size_t max, char **out, size_t *len);
/* The names that a directory shows, sorted. */
int st_view_names(struct arena *a, const struct st_view *dir, strings *out);
#endif
