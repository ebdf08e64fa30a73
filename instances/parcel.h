/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_PARCEL_H
#define INSTANCES_PARCEL_H
/*
 * What the two processes of a copy say to each other: one datagram of a SOCK_SEQPACKET pair for each file, in the order
 * in which a tree is walked.  Ids are those that an instance sees: each side translates for itself, by being in its
 * user namespace.  The content of a regular file travels as a descriptor.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

enum parcel_kind {
	PARCEL_HELLO, /* what the source is, before anything else: mode, name, and `only_contents` */
	PARCEL_DIR,   /* what follows lies in it, … */
	PARCEL_UP,    /* … until here */
	PARCEL_FILE,  /* with a descriptor */
	PARCEL_LINK,  /* text: where it leads */
	PARCEL_SAME,  /* another name of the file that came as `text`, a path from the top */
	PARCEL_FIFO,
	PARCEL_DONE,
	PARCEL_KINDS,
};

struct parcel {
	enum parcel_kind kind;
	bool only_contents;
	uint32_t mode, uid, gid;
	int64_t size;
	struct timespec mtime;
	const char *name, *text; /* NULL counts as "" */
	const char *xattrs;	 /* each: name, NUL, uint32_t length, value */
	size_t xattrs_len;
	int fd; /* -1: none */
};
enum { PARCEL_XATTRS = 1 << 16, PARCEL_TEXT = 1 << 16, PARCEL_BYTES = PARCEL_XATTRS + PARCEL_TEXT + 1024 };

/* -EPIPE: the other side is gone; -E2BIG: a text or attributes beyond the bounds above. */
int parcel_send(int sock, const struct parcel *p);
/* The words of *out lie in buf, PARCEL_BYTES long; out->fd is the caller's.  -EPIPE at the end of the conversation. */
int parcel_receive(int sock, char *buf, struct parcel *out);
#endif
