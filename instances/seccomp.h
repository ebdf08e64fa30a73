/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_SECCOMP_H
#define INSTANCES_SECCOMP_H
/*
 * kist's default seccomp profile: a list of what is allowed.  What is known and refused answers EPERM, so that a
 * program says "not permitted"; what is newer than the list answers ENOSYS, so that it falls back on what it did before.
 * Every int is compared in its low 32 bits, which is all that the kernel looks at.
 */
#include "oci/spec.h"

/* The bounding set opens groups; NULL: no capability.  Names that are none are ignored here: the plan refuses them. */
const struct oci_seccomp *inst_seccomp(struct arena *a, const struct oci_capabilities *caps);
#endif
