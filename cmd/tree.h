/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_TREE_H
#define CMD_TREE_H
#include "cmd/verbs.h"

extern const struct verb verb_commit, verb_export; /* the work of kist-image */

struct commit_opts {
	const char *message, *author;
	strings changes;
	int running; /* it goes on meanwhile */
};
struct export_opts {
	const char *output;
	int running;
};
#endif
