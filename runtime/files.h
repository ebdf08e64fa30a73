/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_FILES_H
#define RUNTIME_FILES_H
/* Files of an instance that its mounts bind: made once nobody else can start it, and before its init is born. */
#include "runtime/plan.h"
#include "runtime/record.h"

int files_make(const struct ct_ctx *c, const struct plan *p, struct err *e);
/* After its networks have become those of `p`: it may have another hosts file, which is bound over the one that it sees. */
int files_follow(const struct ct_ctx *c, const struct ct_record *r, const struct oci_spec *spec, const struct net_plan *p, struct err *e);
#endif
