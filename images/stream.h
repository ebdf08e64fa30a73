/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_STREAM_H
#define IMAGES_STREAM_H
/*
 * A feed, decompressed (gzip, xz, zstd, bzip2 or nothing) and read as a tar archive, in one pass that hashes both the
 * compressed and the plain bytes.  What stands behind the archive or the compressed data is an error, not ignored:
 * another reader might take it for the content.
 */
#include "images/feed.h"

struct archive;
struct archive_entry;

struct img_limits {
	uint64_t bytes;	  /* of a layer, unpacked */
	uint64_t entries; /* of a layer */
	uint64_t ratio;	  /* bytes out for each byte in, once it is much; 0: any */
};
extern const struct img_limits img_limits_default;
/* What a person allows; NULL: the default. */
struct img_limits img_limits_of(const int64_t *max_size);

enum img_coding { IMG_PLAIN, IMG_GZIP, IMG_ZSTD, IMG_XZ, IMG_BZIP2 };

struct img_stream {
	struct img_feed *feed;
	const struct img_limits *limits;
	enum img_coding coding;
	int copy; /* the plain bytes are written here too; -1 */
	struct archive *raw, *tar;
	struct img_hash hash;
	uint64_t plain;
	const char *block;
	size_t block_len;
	struct err err; /* what a callback met */
};

int img_stream_open(struct img_stream *s, struct img_feed *f, const struct img_limits *l, struct err *e);
/* 1 with the next entry, 0 at the end.  Its data are read with img_stream_data. */
int img_stream_next(struct img_stream *s, struct archive_entry **out, struct err *e);
/* 1 with the next piece of the entry's data and its place in the file, 0 at the end. */
int img_stream_data(struct img_stream *s, const void **data, size_t *len, int64_t *offset, struct err *e);
/* Reads what is behind the archive, or all when no entry was asked for; both digests are then known. */
int img_stream_finish(struct img_stream *s, img_digest plain, img_digest packed, struct err *e);
void img_stream_done(struct img_stream *s);
#define auto_stream __attribute__((cleanup(img_stream_done))) struct img_stream
#define IMG_STREAM_NONE { .copy = -1 }
#endif
