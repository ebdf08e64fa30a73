/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/stream.h"

#include <archive.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fd.h"

/* Zeros compress with gzip by about 1000; a gigabyte of them is harmless. */
const struct img_limits img_limits_default = { 64ULL << 30, 5000000, 1100 };
enum { RATIO_FROM = 1 << 30 };

struct img_limits img_limits_of(const int64_t *max_size)
{
	struct img_limits l = img_limits_default;

	if (max_size) {
		l.bytes = (uint64_t)*max_size;
		l.ratio = 0;
	}
	return l;
}

static const struct {
	int filter;
	enum img_coding coding;
} codings[] = {
	{ ARCHIVE_FILTER_NONE, IMG_PLAIN }, { ARCHIVE_FILTER_GZIP, IMG_GZIP },	 { ARCHIVE_FILTER_ZSTD, IMG_ZSTD },
	{ ARCHIVE_FILTER_XZ, IMG_XZ },	    { ARCHIVE_FILTER_BZIP2, IMG_BZIP2 },
};

/* The sentence of a callback comes first: libarchive only knows that there was one. */
static int failed(struct img_stream *s, struct archive *from, struct err *e)
{
	const char *says = archive_error_string(from);
	char shown[JSON_SHOWN];

	if (s->err.code) {
		if (e)
			*e = s->err;
		return -s->err.code;
	}
	return err_set(e, EINVAL, "is damaged or no archive that kist reads: %s", json_shown(shown, says ? says : "unknown"));
}

static la_ssize_t read_packed(struct archive *ar, void *data, const void **out)
{
	struct img_stream *s = data;
	ssize_t n = img_feed_next(s->feed, out, &s->err);

	(void)ar;
	return n < 0 ? ARCHIVE_FATAL : n;
}

static int check_amount(struct img_stream *s)
{
	const struct img_limits *l = s->limits;

	if (s->plain > l->bytes)
		return err_set(&s->err, EFBIG, "is larger than %" PRIu64 " bytes unpacked; --max-size allows more", l->bytes);
	if (l->ratio && s->plain > RATIO_FROM && s->plain / l->ratio > s->feed->total)
		return err_set(&s->err, EFBIG,
			       "unpacks to more than %" PRIu64 " times its size; if that is meant, allow it with --max-size",
			       l->ratio);
	return 0;
}

/* The next plain bytes, counted, hashed and copied; for plain sources the feed has hashed them. */
static la_ssize_t read_plain(struct archive *ar, void *data, const void **out)
{
	struct img_stream *s = data;
	la_int64_t offset;
	size_t len;
	int r = archive_read_data_block(s->raw, out, &len, &offset);

	(void)ar;
	s->block_len = 0;
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK) {
		if (!s->err.code)
			failed(s, s->raw, &s->err);
		return ARCHIVE_FATAL;
	}
	s->plain += len;
	s->block = *out;
	s->block_len = len;
	if (check_amount(s) < 0)
		return ARCHIVE_FATAL;
	r = s->coding == IMG_PLAIN ? 0 : img_hash_add(&s->hash, *out, len);
	if (!r && s->copy >= 0)
		r = fd_write_all(s->copy, *out, len);
	if (r < 0)
		err_num(&s->err, r, "copy into the data directory");
	return r < 0 ? ARCHIVE_FATAL : (la_ssize_t)len;
}

static int find_coding(struct img_stream *s, struct err *e)
{
	int filter = archive_filter_code(s->raw, 0);

	if (archive_filter_count(s->raw) > 2)
		return err_set(e, EINVAL, "is compressed more than once");
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		if (codings[i].filter == filter) {
			s->coding = codings[i].coding;
			return 0;
		}
	return err_set(e, EINVAL, "is compressed in a way that kist does not read (%s)", archive_filter_name(s->raw, 0));
}

static int open_raw(struct img_stream *s, struct err *e)
{
	struct archive_entry *entry;

	s->raw = archive_read_new();
	if (!s->raw)
		return err_set(e, ENOMEM, "libarchive has no memory");
	archive_read_support_filter_gzip(s->raw);
	archive_read_support_filter_zstd(s->raw);
	archive_read_support_filter_xz(s->raw);
	archive_read_support_filter_bzip2(s->raw);
	archive_read_support_format_raw(s->raw);
	if (archive_read_open(s->raw, s, NULL, read_packed, NULL) != ARCHIVE_OK ||
	    archive_read_next_header(s->raw, &entry) != ARCHIVE_OK)
		return failed(s, s->raw, e);
	return find_coding(s, e);
}

int img_stream_open(struct img_stream *s, struct img_feed *f, const struct img_limits *l, struct err *e)
{
	int r;

	*s = (struct img_stream){ .feed = f, .limits = l, .copy = -1 };
	r = img_hash_begin(&s->hash, e);
	return r < 0 ? r : open_raw(s, e);
}

static int open_tar(struct img_stream *s, struct err *e)
{
	s->tar = archive_read_new();
	if (!s->tar)
		return err_set(e, ENOMEM, "libarchive has no memory");
	archive_read_support_format_tar(s->tar);
	return archive_read_open(s->tar, s, NULL, read_plain, NULL) == ARCHIVE_OK ? 0 : failed(s, s->tar, e);
}

/* Names that no character set has are warnings, too, and right; but where headers are malformed, readers differ. */
static bool is_malformed(struct archive *tar)
{
	const char *says = archive_error_string(tar);

	return says && strstr(says, "pax ");
}

int img_stream_next(struct img_stream *s, struct archive_entry **out, struct err *e)
{
	int r = s->tar ? 0 : open_tar(s, e);

	if (r < 0)
		return r;
	r = archive_read_next_header(s->tar, out);
	if (r == ARCHIVE_EOF)
		return 0;
	return r == ARCHIVE_OK || (r == ARCHIVE_WARN && !is_malformed(s->tar)) ? 1 : failed(s, s->tar, e);
}

int img_stream_data(struct img_stream *s, const void **data, size_t *len, int64_t *offset, struct err *e)
{
	la_int64_t at = 0;
	int r = archive_read_data_block(s->tar, data, len, &at);

	*offset = at;
	if (r == ARCHIVE_EOF)
		return 0;
	return r == ARCHIVE_OK ? 1 : failed(s, s->tar, e);
}

static bool all_zero(const char *p, size_t n)
{
	return !n || (!*p && !memcmp(p, p + 1, n - 1));
}

/* Everything behind the place where the archive ended, which is in the block read last, is padding. */
static int rest_is_padding(struct img_stream *s, struct err *e)
{
	uint64_t used = s->tar ? (uint64_t)archive_filter_bytes(s->tar, 0) : s->plain;
	uint64_t left = s->plain > used ? s->plain - used : 0;
	const void *data;
	la_ssize_t n;

	if (left > s->block_len || (left && !all_zero(s->block + s->block_len - left, left)))
		return err_set(e, EINVAL, "has something behind the end of the archive");
	while ((n = read_plain(NULL, s, &data)) > 0)
		if (s->tar && !all_zero(data, (size_t)n))
			return err_set(e, EINVAL, "has something behind the end of the archive");
	return n < 0 ? failed(s, s->raw, e) : 0;
}

/* libarchive ends where the compressed data end, whatever comes behind. */
static int nothing_behind(struct img_stream *s, struct err *e)
{
	uint64_t used = (uint64_t)archive_filter_bytes(s->raw, -1);
	const void *data;
	ssize_t n;

	if (s->coding == IMG_PLAIN)
		return 0;
	n = img_feed_next(s->feed, &data, e);
	if (n < 0)
		return (int)n;
	return n || used < s->feed->total ? err_set(e, EINVAL, "has something behind the end of its compressed data") : 0;
}

int img_stream_finish(struct img_stream *s, img_digest plain, img_digest packed, struct err *e)
{
	int r = rest_is_padding(s, e);

	if (!r)
		r = nothing_behind(s, e);
	if (!r)
		r = img_feed_digest(s->feed, packed, e);
	if (!r && s->coding == IMG_PLAIN)
		memcpy(plain, packed, sizeof(img_digest));
	else if (!r)
		r = img_hash_end(&s->hash, plain, e);
	return r;
}

void img_stream_done(struct img_stream *s)
{
	archive_read_free(s->tar);
	archive_read_free(s->raw);
	img_hash_done(&s->hash);
	s->tar = s->raw = NULL;
}
