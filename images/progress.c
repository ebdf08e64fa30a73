/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_MS = 100, BAR = 24 };

void img_size_text(char out[IMG_SIZE_TEXT], uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t rest = 0;
	size_t u = 0;

	for (; bytes >= 1000 && u < 6; u++) {
		rest = bytes % 1000;
		bytes /= 1000;
	}
	if (!u)
		snprintf(out, IMG_SIZE_TEXT, "%" PRIu64 " B", bytes);
	else
		snprintf(out, IMG_SIZE_TEXT, "%" PRIu64 ".%" PRIu64 " %s", bytes, rest / 100, units[u]);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void draw(const struct img_progress *p)
{
	char done[IMG_SIZE_TEXT], total[IMG_SIZE_TEXT], bar[BAR + 1];
	uint64_t part = p->total ? (p->done < p->total ? p->done : p->total) * BAR / p->total : 0;

	img_size_text(done, p->done);
	img_size_text(total, p->total);
	memset(bar, '.', BAR);
	memset(bar, '#', part);
	bar[BAR] = 0;
	if (p->total)
		fprintf(stderr, "\r\033[K%s [%s] %s of %s", p->what, bar, done, total);
	else
		fprintf(stderr, "\r\033[K%s %s", p->what, done);
	fflush(stderr);
}

void img_progress_begin(struct img_progress *p, const char *what, uint64_t total)
{
	*p = (struct img_progress){ .what = what, .total = total, .shown = isatty(STDERR_FILENO) == 1 };
	p->drawn_ms = p->shown ? now_ms() : 0;
}

void img_progress_add(struct img_progress *p, uint64_t bytes)
{
	int64_t now;

	if (!p)
		return;
	p->done += bytes;
	now = p->shown ? now_ms() : 0;
	if (!p->shown || now < p->drawn_ms + EVERY_MS)
		return;
	p->drawn_ms = now;
	draw(p);
}

void img_progress_end(struct img_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
