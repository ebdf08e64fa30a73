/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_MATCH_H
#define RUNTIME_MATCH_H
/* One comparison of a seccomp rule as instructions: goes on at `yes` when the argument fits, else at `no`. */
#include "oci/spec.h"
#include "runtime/code.h"

/* An argument has 64 bits where it is wide, else 32: then the upper half of what the rule says does not count. */
size_t match_arg(struct code *c, const struct oci_seccomp_arg *a, bool wide, size_t yes, size_t no);
#endif
