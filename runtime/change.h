/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CHANGE_H
#define RUNTIME_CHANGE_H
#include "runtime/known.h"

/* Pure: the document of `id` as the change makes it; *net: what becomes of its networks, if x changes these. */
int change_document(struct arena *a, const char *id, const struct ct_change *x, struct oci_spec *spec, struct net_plan *net, struct err *e);
/* The document of one that runs as it is now, before x. */
int change_base(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, struct oci_spec *spec, struct err *e);
/* On what runs; `k` was opened to be changed. */
int change_known(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, struct err *e);
#endif
