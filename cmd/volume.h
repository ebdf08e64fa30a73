/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_VOLUME_H
#define CMD_VOLUME_H
#include "cmd/verbs.h"

extern const struct verb verb_volume;
extern const struct verb verb_export_volume, verb_import_volume; /* the work of kist-image */

struct export_volume {
	const char *output;
};
#endif
