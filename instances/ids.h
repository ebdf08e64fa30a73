/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_IDS_H
#define INSTANCES_IDS_H
/*
 * The range of ids that an instance alone has.  ids/FIRST in the data directory is a symbolic link to the instance's
 * name: making it is taking the range, so no two can have the same, also across a crash.
 */
#include "oci/spec.h"
#include "storage/store.h"

enum { INST_IDS = 65536 };

/* What instances may be given: the line "kist" of both texts (subuid(5)), or without one a range that Debian and systemd
 * leave unused.  `start` is a multiple of nothing in particular; `count` is a multiple of INST_IDS. */
struct inst_pool {
	uint32_t start, count;
};
int inst_ids_pool(struct arena *a, const char *subuid, const char *subgid, struct inst_pool *out, struct err *e);
int inst_ids_read_pool(struct arena *a, struct inst_pool *out, struct err *e); /* of this host's files */

/* Takes one for `name`; with `dry` says which it would be.  The caller holds the lock "images" until the instance has
 * its name. */
int inst_ids_take(struct arena *a, const struct st_store *s, const struct inst_pool *p, const char *name, bool dry,
		  struct oci_mapping *out, struct err *e);
/* Makes sure before a start that the range is this instance's own. */
int inst_ids_check(struct arena *a, const struct st_store *s, const char *name, uint32_t first, struct err *e);
void inst_ids_release(struct arena *a, const struct st_store *s, const char *name, uint32_t first);
#endif
