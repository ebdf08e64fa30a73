/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_STILL_H
#define INSTANCES_STILL_H
#include "instances/instance.h"
/*
 * The files of an instance, as it has them while it runs.  Those of a stopped one must be put together, and as long as
 * this lasts it cannot be started.
 */
struct inst_files {
	struct ct_reach at;
	bool stopped;
	struct inst lock; /* when it is stopped */
};
#define INST_FILES_NONE { CT_REACH_NONE, false, INST_NONE }
void inst_files_done(struct inst_files *f);
#define auto_files __attribute__((cleanup(inst_files_done))) struct inst_files
/* Any container that runs, or an instance. */
int inst_files_find(const struct ct_ctx *c, const char *data, const char *name, struct inst_files *out, struct err *e);
/* Of a stopped one, f->at: mounted in a mount namespace that this process then has for itself, and in which it can make
 * no more user namespaces. */
int inst_files_settle(const struct ct_ctx *c, struct inst_files *f, struct err *e);
#endif
