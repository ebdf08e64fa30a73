/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_FILES_H
#define RUNTIME_FILES_H
/* Files of an instance that its mounts bind: made once nobody else can start it, and before its init is born. */
#include "runtime/plan.h"

int files_make(const struct ct_ctx *c, const struct plan *p, struct err *e);
#endif
