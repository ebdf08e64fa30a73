/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_BANDWIDTH_H
#define RUNTIME_BANDWIDTH_H
/* kist.bandwidth of a container that exists. */
#include "runtime/record.h"

/* Pure: in the document, over what there was.  Afterwards it has the object. */
int bandwidth_keep(struct arena *a, const struct oci_kist_bandwidth *asked, struct oci_spec *spec, struct err *e);
/* On its interfaces. */
int bandwidth_apply(const struct ct_ctx *c, const struct ct_record *r, const struct oci_kist_bandwidth *want, struct err *e);
#endif
