/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_FACTS_H
#define INSTANCES_FACTS_H
/* What composing wants to know of the store and of the host. */
#include "instances/compose.h"
#include "runtime/container.h"

/* What is asked for: an image or o->rootfs, and the words behind its name. */
struct inst_request {
	const struct inst_options *options;
	const char *image; /* NULL: options->rootfs */
	strings command;
	bool dry; /* nothing is made: neither instance nor volumes */
};

/* Everything but the ids and the volumes, which must be made. `root` is the image, to be read. */
int inst_facts_find(const struct ct_ctx *c, const struct st_store *s, const struct inst_request *q, struct inst_facts *out,
		    struct st_view *root, struct err *e);
/* A variable as it is asked for: NAME=VALUE, or NAME alone for ours, if we have it.  `where` begins the sentence. */
int inst_env_add(struct strv *v, const char *where, const char *word, struct err *e);
/* Who comes from another runtime has a document here and means that: adds so to the sentence when r is -ENOENT. */
int inst_no_image(const struct inst_request *q, int r, struct err *e);
#endif
