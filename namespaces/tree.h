/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NAMESPACES_TREE_H
#define NAMESPACES_TREE_H
/* The workings of the mount engine that its files share; nobody outside namespaces/ includes this. */
#include "namespaces/mounts.h"

/* A detached mount for one op, with all attributes set.  `userns` ≥ 0 is for o.idmap. */
int mnt_tree(const struct mnt_op *op, int userns, struct err *e);
/*
 * The root of p->overlay as a detached mount.  In the parent's helper (p->root_by_parent) it may change the caller's
 * mount namespace; in the init the mount of "/" must be private.  `userns` holds the maps when p->root_idmap.
 */
int mnt_overlay_tree(const struct mnt_plan *p, int userns, struct err *e);
/* The same, through the op's own maps when it has some. */
int mnt_op_tree(struct arena *a, const struct mnt_op *op, int userns, struct err *e);
int mnt_root_tree(const struct mnt_plan *p, int userns, struct err *e); /* a detached clone of root.path */
/* Detached tmpfs: tiny, read-only; `what` it is for, in messages. */
int mnt_empty_dir(const char *what, struct err *e);
int mnt_attach(int tree, int target); /* moves a detached mount onto a descriptor; -errno */
const char *mnt_fs_says(int fs, char *buf, size_t size); /* what fsopen(2)'s descriptor has to say; "": nothing */
/* Shows a detached clone through the maps of `userns`, and makes it private.  `what` and `path` are for the message. */
int mnt_idmap(int fd, int userns, const char *what, const char *path, struct err *e);
/* The mount that holds `path`, or what is attached there would appear on the host. */
int mnt_cut_parent(const char *path, struct err *e);
bool mnt_root_on_top(const struct mnt_plan *p); /* attached over "/", not over its own directory */
int mnt_clone(int fd, unsigned flags); /* detached clone of what fd refers to; -errno */
/* Copies what lies in the directory `from` into the fresh tmpfs `to` (tmpcopyup). */
int mnt_copy_up(const struct mnt_op *op, int from, int to, struct err *e);
int mnt_make_devices(const struct mnt_plan *p, const struct mnt_site *s, struct err *e);

/* The own file system that holds `path` directly, with *name its entry; -1: the path must be resolved. */
int mnt_site_holder(const struct mnt_site *s, const char *path, const char **name);
/* After a mount on `target`: forgets what it covers; keeps `tree` (taken over) when it is an own one. */
void mnt_site_mounted(struct mnt_site *s, const struct mnt_op *op, int *tree);
#endif
