/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_UNPACK_H
#define IMAGES_UNPACK_H
/*
 * Archive entries become files below a directory, in the form in which overlayfs keeps a layer: a whiteout is a
 * character device 0:0, an opaque directory has trusted.overlay.opaque.  The names come from strangers: each parent is
 * reached by openat2 beneath the directory and through no symbolic link, and the last component is never followed.
 * Nobody else writes there, so what was made a moment ago is still what it was.
 */
#include <limits.h>

#include "images/stream.h"
#include "storage/view.h"

struct img_counts {
	uint64_t entries, bytes; /* bytes: of file contents */
	uint64_t implied;	 /* directories that no entry had made */
};

struct img_later;
struct img_tree {
	struct arena *arena;
	int root; /* not owned */
	const struct img_limits *limits;
	const struct st_view *below; /* the layers under this one, for directories that it uses and does not describe */
	unsigned looks;		     /* into it */
	bool literal; /* no layer but plain files: names that begin with ".wh." are names */
	struct img_counts counts;
	int parent; /* of the entry handled last, which is likely the next one's */
	char parent_path[PATH_MAX];
	bool stale;
	size_t remembered; /* bytes of the following */
	struct img_later *later, **later_end; /* times of directories, which every new entry in them changes */
};

void img_tree_begin(struct img_tree *t, struct arena *a, int root, const struct img_limits *l);
int img_tree_add(struct img_tree *t, struct img_stream *s, struct archive_entry *en, struct err *e);
int img_tree_finish(struct img_tree *t, struct err *e);
void img_tree_done(struct img_tree *t);
#define auto_tree __attribute__((cleanup(img_tree_done))) struct img_tree

/* All entries of the stream. */
int img_unpack(struct img_tree *t, struct img_stream *s, struct err *e);

/* The name of an entry, relative and without "." and empty parts: "" is the root.  Refuses "..". */
int img_clean_name(const char *name, char out[PATH_MAX], struct err *e);
/* Whether an extended attribute of a stranger may be set: those of overlayfs would point into other layers. */
bool img_xattr_allowed(const char *name);
#define IMG_OPAQUE "trusted.overlay.opaque"
#define IMG_WHITEOUT ".wh."
#define IMG_WHITEOUT_OPAQUE ".wh..wh..opq"
#endif
