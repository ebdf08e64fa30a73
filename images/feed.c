/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/feed.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/fd.h"

enum { CHUNK = 1 << 18, WRITTEN_AT_ONCE = 16 << 20 };

int img_feed_begin(struct img_feed *f, struct arena *a, int fd, struct err *e)
{
	*f = (struct img_feed){ .fd = fd, .copy = -1, .most = UINT64_MAX };
	f->buffer = arena_alloc(a, IMG_AHEAD);
	return img_hash_begin(&f->hash, e);
}

void img_feed_done(struct img_feed *f)
{
	img_hash_done(&f->hash);
}

static ssize_t read_some(const struct img_feed *f, char *to, size_t room, struct err *e)
{
	for (;;) {
		ssize_t n = read(f->fd, to, room);

		if (n < 0 && errno == EINTR)
			continue;
		return n < 0 ? err_sys(e, "read the source") : n;
	}
}

int img_feed_peek(struct img_feed *f, const char **data, size_t *len, struct err *e)
{
	while (!f->total && f->ahead_len < IMG_AHEAD) {
		ssize_t n = read_some(f, f->buffer + f->ahead_len, IMG_AHEAD - f->ahead_len, e);

		if (n < 0)
			return (int)n;
		if (!n)
			break;
		f->ahead_len += (size_t)n;
	}
	f->ahead = f->buffer;
	*data = f->buffer;
	*len = f->ahead_len;
	return 0;
}

static int take(struct img_feed *f, const char *data, size_t len, struct err *e)
{
	int r = img_hash_add(&f->hash, data, len);

	f->total += len;
	if (f->total > f->most)
		return err_set(e, EFBIG, "is larger than the %" PRIu64 " bytes that it may have", f->most);
	img_progress_add(f->progress, len);
	if (!r && f->copy >= 0)
		r = fd_write_all(f->copy, data, len);
	/* The disk begins at once: in the end all of it has to be there. */
	if (!r && f->copy >= 0 && f->total / WRITTEN_AT_ONCE != (f->total - len) / WRITTEN_AT_ONCE)
		(void)sync_file_range(f->copy, 0, 0, SYNC_FILE_RANGE_WRITE);
	return r < 0 ? err_num(e, r, "copy into the data directory") : 0;
}

ssize_t img_feed_next(struct img_feed *f, const void **data, struct err *e)
{
	ssize_t n;
	int r;

	if (f->ahead_len) {
		n = f->ahead_len < CHUNK ? (ssize_t)f->ahead_len : CHUNK;
		*data = f->ahead;
		f->ahead += n;
		f->ahead_len -= (size_t)n;
	} else {
		n = read_some(f, f->buffer, CHUNK, e);
		*data = f->buffer;
	}
	if (n <= 0)
		return n;
	r = take(f, *data, (size_t)n, e);
	return r < 0 ? r : n;
}
