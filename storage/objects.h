/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_OBJECTS_H
#define STORAGE_OBJECTS_H
/*
 * Objects come into being whole: a file or directory ".new-XXXXXX" is filled, synced and renamed.  While its maker
 * lives it is locked by its maker's descriptor, so that what a killed maker left can be told from work in progress.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { ST_NEW_NAME = 16 };
struct st_new {
	int parent, fd; /* of the directory it is in, not owned; of itself */
	char name[ST_NEW_NAME];
};
#define ST_NEW_NONE { -1, -1, "" }

int st_new_file(int parent, struct st_new *out, struct err *e);
int st_new_dir(int parent, struct st_new *out, struct err *e);
/* Gives it its name; a file replaces what has the name, a directory that is there already wins (1).  What it holds is
 * synced by the caller before, the parent after. */
int st_new_keep(struct st_new *n, const char *name, struct err *e);
/* Gives the file `fd`, which is `from` in `from_dir`, the further name `name` in `parent`, where it replaces what has it;
 * there is no moment at which nothing has it.  `fd` is locked from then on. */
int st_link(int fd, int from_dir, const char *from, int parent, const char *name, struct err *e);
/* What is to be removed loses its name at once, for one that the next sweep removes if this process is killed.  The caller has it
 * locked.  -errno without a sentence. */
int st_unname(int parent, const char *name, char out[ST_NEW_NAME]);
void st_new_drop(struct st_new *n); /* removes it unless it was kept */
#define auto_new __attribute__((cleanup(st_new_drop))) struct st_new

struct st_junk {
	uint64_t count, failed;
};
/* The leftovers in `dir` of makers that are gone; with `remove` they are removed. */
int st_sweep(int dir, bool remove, struct st_junk *add, struct err *e);

int st_is_empty(int dir, const char *name); /* 1: a directory that holds nothing */
/* Removes a file or a whole directory by descriptors, of any depth, never through a link.  Absent is success;
 * -ESTALE when a directory was moved away meanwhile: what is above it then is left alone. */
int st_remove_tree(int dir, const char *name);
#endif
