/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_TREE_H
#define RUNTIME_TREE_H
/*
 * A seccomp profile → the instructions.  kist writes them itself: libseccomp (2.5) takes twenty milliseconds for a default
 * profile, more than all the rest of a start; lets socketcall(2) pass wherever socket(2) is allowed by argument; and
 * loses rules when masks differ.  The calls of an architecture become a balanced tree over ranges of equal answers,
 * because the kernel runs the program once for each number while loading it.
 *
 * What a document means is what libseccomp says it means: the first rule of a call without arguments beats all with
 * arguments; among these the first that fits answers.
 */
#include "oci/spec.h"
#include "runtime/code.h"

/* SECCOMP_RET_* with its data. */
uint32_t tree_action(int action, const uint32_t *errno_ret);
/* Never fails; the program may be longer than the kernel takes. */
void tree_build(const struct oci_seccomp *s, struct code *out);
#endif
