/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_SPOT_H
#define INSTANCES_SPOT_H
/* One end of a copy, as it is written on the command line, and the place that it means. */
#include <stdbool.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/err.h"

struct spot_word {
	const char *instance; /* NULL: the host */
	const char *path;
};
/* NAME:PATH, or a path of the host: one that begins with "/" or ".", or has no ":" before its first "/". */
int spot_parse(struct arena *a, const char *word, struct spot_word *out, struct err *e);

struct spot {
	int parent;	  /* O_PATH */
	const char *name; /* one name in it, or "." for the directory itself */
	struct stat st;	  /* when it exists */
	bool exists, slash; /* "/" or "/." stood at the end: it must be a directory */
	bool dot;	    /* "." or ".." or "/" stood there: the directory without its name */
};
#define SPOT_NONE { .parent = -1 }
void spot_done(struct spot *s);
#define auto_spot __attribute__((cleanup(spot_done))) struct spot

/*
 * Links are followed as if `root` were "/" (-1: as the host has it), the last one when `follow` is set or a "/" stands
 * behind it.  -errno without a sentence; that the last name does not exist is none.
 */
int spot_find(struct arena *a, int root, const char *path, bool follow, struct spot *out);
#endif
