/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_GUARD_H
#define RUNTIME_GUARD_H
#include "runtime/container.h"
/*
 * Keeps the container from overwriting the runtime's own program file through /proc/PID/exe
 * (CVE-2019-5736).  Nothing to do when the file cannot be written anyway: reached through a read-only
 * mount, immutable, under fs-verity, or owned by somebody who has no place in the maps of the
 * container's own user namespace, and writable by nobody else.  Else the program is executed again from a
 * read-only mount of itself that exists nowhere, or from a sealed copy.
 * `uids` are the maps of a user namespace that was made for the container; empty: there is none, or one
 * that is only joined and may hold anybody.
 * Returns 0 when protected; does not return when it executes.  Call before anything is made.
 */
int guard_exe(const struct ct_ctx *c, const oci_mappings *uids, struct err *e);
/* The program file itself, to be executed inside of a container: a descriptor by which nobody can write to it. */
int guard_program(struct err *e);
#endif
