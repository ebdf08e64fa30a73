/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_CHANGE_H
#define INSTANCES_CHANGE_H
#include "runtime/container.h"

/*
 * As ct_update, and kept in the document of an instance, for its next start; of one that does not run only there.  All of
 * it or, after a failure, nothing.
 */
int inst_update(const struct ct_ctx *c, const char *data, const char *id, const struct ct_change *x, struct err *e);
#endif
