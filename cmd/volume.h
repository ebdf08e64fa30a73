/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_VOLUME_H
#define CMD_VOLUME_H
#include "cmd/verbs.h"
#include "instances/instance.h"

extern const struct verb verb_volume;
extern const struct verb verb_export_volume, verb_import_volume; /* the work of kist-image */

/* Opens the store; a descriptor that keeps away those who make instances: what nobody uses now nobody will use until it is
 * closed. */
int volume_hold(const struct call *c, struct st_store *s, inst_uses *uses, struct err *e);

struct import_volume {
	const int64_t *max_size;
};
struct export_volume {
	const char *output;
};
#endif
