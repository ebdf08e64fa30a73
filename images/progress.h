/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_PROGRESS_H
#define IMAGES_PROGRESS_H
#include <stdbool.h>
#include <stdint.h>
/* One line on a terminal's standard error, redrawn a few times a second; silent elsewhere.  NULL is silent too. */
struct img_progress {
	const char *what;
	uint64_t done, total; /* total 0: unknown */
	int64_t drawn_ms;
	bool shown;
};

void img_progress_begin(struct img_progress *p, const char *what, uint64_t total);
void img_progress_add(struct img_progress *p, uint64_t bytes);
void img_progress_end(struct img_progress *p); /* removes the line */
/* "12.3 MB" */
enum { IMG_SIZE_TEXT = 24 };
void img_size_text(char out[IMG_SIZE_TEXT], uint64_t bytes);
#endif
