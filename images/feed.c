/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/feed.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/fd.h"

enum { CHUNK = 1 << 18 };
_Static_assert(IMG_AHEAD % CHUNK == 0 && IMG_AHEAD <= IMG_BEHIND * CHUNK, "what is read ahead is chunks of the buffer");

int img_feed_begin(struct img_feed *f, struct arena *a, int fd, struct err *e)
{
	*f = (struct img_feed){ .fd = fd, .most = UINT64_MAX };
	f->buffer = arena_alloc(a, IMG_BEHIND * CHUNK);
	return img_behind_begin(&f->behind, e);
}

void img_feed_done(struct img_feed *f)
{
	img_behind_done(&f->behind);
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
	int r;

	f->total += len;
	if (f->total > f->most)
		return err_set(e, EFBIG, "is larger than the %" PRIu64 " bytes that it may have", f->most);
	img_progress_add(f->progress, len);
	r = img_behind_give(&f->behind, data, len);
	return r < 0 ? err_num(e, r, "copy into the data directory") : 0;
}

/* One after another through the buffer, so that each is left alone until the thread behind is done with it. */
ssize_t img_feed_next(struct img_feed *f, const void **data, struct err *e)
{
	char *slot = f->buffer + f->chunks++ % IMG_BEHIND * CHUNK;
	ssize_t n;
	int r;

	if (f->ahead_len) {
		n = f->ahead_len < CHUNK ? (ssize_t)f->ahead_len : CHUNK;
		f->ahead += n;
		f->ahead_len -= (size_t)n;
	} else {
		img_behind_wait(&f->behind, IMG_BEHIND - 1);
		n = read_some(f, slot, CHUNK, e);
	}
	*data = slot;
	if (n <= 0)
		return n;
	r = take(f, slot, (size_t)n, e);
	return r < 0 ? r : n;
}

int img_feed_digest(struct img_feed *f, img_digest out, struct err *e)
{
	return img_behind_digest(&f->behind, out, e);
}

void img_feed_settle(struct img_feed *f)
{
	img_behind_wait(&f->behind, 0);
}
