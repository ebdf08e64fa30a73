/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_RULES_H
#define OCI_RULES_H
/* The rules across branches, shared by rules.c and sysctl.c only. */
#include "oci/spec.h"

struct rules {
	const struct oci_spec *spec;
	const struct json *doc; /* NULL when the spec was composed */
	unsigned namespaces;	/* CLONE_NEW* of all that are created or joined */
};

int oci_check_sysctl(const struct rules *r, struct err *e);
#endif
