/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NAMESPACES_OVERLAY_H
#define NAMESPACES_OVERLAY_H
/*
 * A root that is put together from layers.
 *
 * Theory of operation.  The overlay is made where nobody sees it and exists only as a descriptor until the init
 * attaches it in its own mount namespace: the host's list of mounts never has it, and the kernel takes it away with
 * the last process.  Every directory is opened once, without following a link at its end, and the kernel gets
 * descriptors, so that neither the number of layers nor a character in a path matters.
 *
 * With maps, each layer and the directory that holds upper and work is cloned and idmapped, and the overlay is made
 * with the host's id of the container's root: overlayfs keeps the identity of its maker for all its own work on upper,
 * and must be somebody there.  Owners on disk stay what they are in the image.
 *
 * Two ways of mounting: Linux 6.15 takes descriptors of detached mounts; before it the clones must be attached
 * somewhere first (so the parent's helper moves to a mount namespace of its own) and the list of layers is one string
 * of at most a page: names in /proc/self/fd keep it short enough for every layer that the kernel allows.
 */
#include "namespaces/mounts.h"

int mnt_plan_overlay(struct arena *a, const struct oci_spec *spec, const struct mnt_config *c, const struct mnt_host *host,
		     struct mnt_plan *p, struct err *e);
void mnt_explain_overlay(const struct mnt_overlay *o, struct text *out);

/* Opened and ready for the kernel.  -1: absent. */
enum { MNT_LAYERS = 500 }; /* OVL_MAX_STACK */
struct mnt_stack {
	int lower[MNT_LAYERS];
	size_t n;
	int empty; /* below all others */
	int dir, upper, work; /* dir keeps a detached clone alive, in which the two others lie */
	bool cloned;	      /* lower and dir are clones, attached nowhere */
	bool left;	      /* closed by exit: that takes the kernel a grace period each, and the init waits for us */
};
/* A detached mount; -ENOTSUP without a sentence: this kernel does not take such descriptors. */
int mnt_overlay_by_fds(const struct mnt_overlay *o, const struct mnt_stack *s, struct err *e);
/* A mount on top of "/"; what is in the stack must be attached. */
int mnt_overlay_by_names(const struct mnt_overlay *o, const struct mnt_stack *s, struct err *e);
/* Takes the mount on top of "/" off and returns a detached clone of it. */
int mnt_take_top(struct err *e);
#endif
