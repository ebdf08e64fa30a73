/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_UPDATE_H
#define RUNTIME_UPDATE_H
/* linux.resources of a container that exists. */
#include "runtime/known.h"

struct update {
	const struct oci_resources *asked; /* as it is to be understood */
	struct oci_resources merged;	   /* over what there was */
};
/* Pure. */
void update_plan(struct arena *a, const struct oci_resources *asked, const struct oci_spec *spec, struct update *out);
void update_keep(struct arena *a, const struct update *u, struct oci_spec *spec); /* Pure: in the document */
/* In the cgroup, then in the unit: the kernel refuses more than systemd does. */
int update_apply(const struct ct_ctx *c, const struct known *k, const struct update *u, struct err *e);
#endif
