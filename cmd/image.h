/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_IMAGE_H
#define CMD_IMAGE_H
/*
 * The verbs that need libarchive and libcrypto.  kist knows their options, so that help, man pages and completions
 * have them, and executes kist-image; kist-image, linked with the same tables, does the work.
 */
#include "cmd/verbs.h"

extern const struct verb verb_image, verb_system;
extern const struct verb verb_image_import, verb_image_list, verb_image_inspect, verb_image_tag, verb_image_remove,
	verb_image_prune, verb_image_export;
extern const struct verb verb_system_check, verb_system_df, verb_system_prune;

struct image_import_opts {
	const char *name, *cmd, *entrypoint, *workdir, *user, *platform;
	strings env, labels;
	int type;
	const int64_t *max_size;
};
struct image_list_opts {
	int format;
	bool quiet;
};
struct image_remove_opts {
	bool force;
};
struct image_export_opts {
	const char *output;
	int type;
};
struct system_check_opts {
	bool repair;
};
struct system_df_opts {
	int format;
};

/* The run function of each of these verbs: one in each of the two programs. */
int image_run(struct call *c, struct err *e);
#endif
