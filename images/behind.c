/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/behind.h"

#include <fcntl.h>

#include "base/fd.h"

enum { WRITTEN_AT_ONCE = 16 << 20 };

int img_behind_begin(struct img_behind *b, struct err *e)
{
	*b = (struct img_behind){ .copy = -1, .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
	return img_hash_begin(&b->hash, e);
}

static int work(struct img_behind *b, const char *data, size_t len)
{
	int r = img_hash_add(&b->hash, data, len);

	if (!r && b->copy >= 0)
		r = fd_write_all(b->copy, data, len);
	/* The disk begins at once: in the end all of it has to be there. */
	if (!r && b->copy >= 0 && (b->copied + len) / WRITTEN_AT_ONCE != b->copied / WRITTEN_AT_ONCE)
		(void)sync_file_range(b->copy, 0, 0, SYNC_FILE_RANGE_WRITE);
	b->copied += len;
	return r;
}

static void *run(void *data)
{
	struct img_behind *b = data;
	int r = 0;

	pthread_mutex_lock(&b->lock);
	for (;;) {
		uint64_t now = b->done;

		if (b->done == b->given && b->ended)
			break;
		if (b->done == b->given) {
			pthread_cond_wait(&b->moved, &b->lock);
			continue;
		}
		pthread_mutex_unlock(&b->lock);
		if (!r)
			r = work(b, b->chunks[now % IMG_BEHIND].data, b->chunks[now % IMG_BEHIND].len);
		pthread_mutex_lock(&b->lock);
		b->r = r;
		b->done++;
		pthread_cond_broadcast(&b->moved);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

int img_behind_give(struct img_behind *b, const char *data, size_t len)
{
	int r;

	if (!b->given) {
		b->given = b->done = 1;
		return b->r = work(b, data, len);
	}
	if (!b->running) {
		r = -pthread_create(&b->thread, NULL, run, b);
		if (r < 0)
			return r;
		b->running = true;
	}
	img_behind_wait(b, IMG_BEHIND - 1);
	pthread_mutex_lock(&b->lock);
	b->chunks[b->given % IMG_BEHIND].data = data;
	b->chunks[b->given % IMG_BEHIND].len = len;
	b->given++;
	r = b->r;
	pthread_cond_broadcast(&b->moved);
	pthread_mutex_unlock(&b->lock);
	return r;
}

void img_behind_wait(struct img_behind *b, unsigned most)
{
	pthread_mutex_lock(&b->lock);
	while (b->given - b->done > most)
		pthread_cond_wait(&b->moved, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

int img_behind_digest(struct img_behind *b, img_digest out, struct err *e)
{
	img_behind_wait(b, 0);
	return b->r < 0 ? err_num(e, b->r, "copy into the data directory") : img_hash_end(&b->hash, out, e);
}

void img_behind_done(struct img_behind *b)
{
	if (b->running) {
		pthread_mutex_lock(&b->lock);
		b->ended = true;
		pthread_cond_broadcast(&b->moved);
		pthread_mutex_unlock(&b->lock);
		pthread_join(b->thread, NULL);
	}
	b->running = false;
	img_hash_done(&b->hash);
}
