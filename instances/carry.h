/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_CARRY_H
#define INSTANCES_CARRY_H
/*
 * kist cp: files into an instance, out of one, or from one to another, whether it runs or not.
 *
 * Theory of operation.  One process walks the source, one makes the copies; what passes between them are parcels
 * (parcel.h).  The one that works on an instance holds a descriptor of its root and has entered its user namespace: it
 * can do there what the instance's own root can, and no more, whatever links and mounts somebody inside puts in its
 * way.  Every path is resolved by openat2(2) below that descriptor, every file of a tree by one name in an open
 * directory; nothing inside is executed or loaded.
 */
#include "instances/spot.h"
#include "runtime/container.h"

struct inst_carry {
	struct spot_word from, to;
	bool archive; /* owners, attributes, set-id bits */
	bool follow;  /* a link as the source means what it leads to */
};
int inst_carry(const struct ct_ctx *c, const char *data, const struct inst_carry *o, struct err *e);

/* The two processes.  `root`: of their own end; -1: the host. */
int carry_read(const struct inst_carry *o, int root, int sock, struct err *e);
int carry_write(const struct inst_carry *o, int root, int sock, struct err *e);
/* What the kernel makes up is no file: neither read (it may have no end) nor written (it may be a switch). */
bool carry_is_kernels(int fd);
#define CARRY_GONE (-EPIPE) /* without a sentence: the other process has ended first, and says why */
enum { CARRY_DEPTH = 256 }; /* a directory is open at each step */

/* Attributes that are carried with owners: what programs keep there, and what a program may do. */
int carry_get_xattrs(int fd, char *buf, size_t *len); /* PARCEL_XATTRS of room; -E2BIG */
int carry_set_xattrs(int fd, const char *at, size_t len);
#endif
