/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_SINK_H
#define IMAGES_SINK_H
/* Where an export goes: files of an archive or of a directory. */
#include "images/hash.h"
#include "images/progress.h"
#include "storage/objects.h"

struct archive;
struct img_sink {
	struct archive *w; /* NULL: files of `dir` */
	int dir, parent;
	struct st_new fresh; /* what gets the output's name in the end */
	const char *name;
	bool private; /* files of an instance or a volume, secrets among them: for the caller alone, whatever the umask */
	struct img_progress *progress;
};
#define IMG_SINK_NONE { .dir = -1, .parent = -1, .fresh = ST_NEW_NONE }

/* The file or directory for `output`; the descriptor to write to, which the sink owns unless it is standard output. */
int img_sink_open(struct img_sink *s, struct arena *a, const char *output, bool dir, struct err *e);
int img_sink_archive(struct img_sink *s, int fd, struct err *e); /* its files become a tar archive there */
int img_sink_text(struct img_sink *s, const char *name, const char *text, size_t len, struct err *e);
/* A whole file, whose content must have the digest. */
int img_sink_blob(struct img_sink *s, const char *name, int fd, const char *digest, struct err *e);
int img_sink_finish(struct img_sink *s, struct err *e);
void img_sink_done(struct img_sink *s);
#define auto_sink __attribute__((cleanup(img_sink_done))) struct img_sink
/* Says what libarchive met while writing. */
int img_bad_write(struct archive *w, struct err *e);
#endif
