/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CHANGE_H
#define RUNTIME_CHANGE_H
#include "runtime/known.h"

/* Pure: the document as the change makes it. */
int change_document(struct arena *a, const struct ct_change *x, struct oci_spec *spec, struct err *e);
/* On what runs; `k` was opened to be changed. */
int change_known(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, struct err *e);
#endif
