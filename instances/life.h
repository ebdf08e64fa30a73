/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_LIFE_H
#define INSTANCES_LIFE_H
/* What is done to instances: the doors of runtime/container.h, with their directories. */
#include "instances/instance.h"

/*
 * The request becomes an instance, and that runs; o says the rest.  In the foreground until its end; *code is the
 * program's exit code.  A failure before the program ran leaves nothing behind.
 */
int inst_run(const struct ct_ctx *c, const char *data, const struct inst_request *q, const struct ct_create *o, int *code,
	     struct err *e);
int inst_create(const struct ct_ctx *c, const char *data, const struct inst_request *q, const struct ct_create *o,
		struct err *e);
/* Started, waiting for its program ("created") or stopped: also an instance that ran before the host's last boot. */
int inst_start(const struct ct_ctx *c, const char *data, const char *id, bool attach, int *code, struct err *e);
/* As ct_delete, and the instance's directory with it. */
int inst_delete(const struct ct_ctx *c, const char *data, const char *id, bool force, struct err *e);
/* As ct_state and ct_list; instances that do not run are stopped ones. */
int inst_state(const struct ct_ctx *c, const char *data, const char *id, struct oci_state *out, struct err *e);
int inst_states(const struct ct_ctx *c, const char *data, ct_states *out, struct err *e);
/* Instances that were to be removed at their end, and whose kist died before them: named, or removed with their
 * containers. */
int inst_sweep(const struct ct_ctx *c, const char *data, bool remove, strings *out, struct err *e);
#endif
