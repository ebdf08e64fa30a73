/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_GUARD_H
#define RUNTIME_GUARD_H
#include "runtime/container.h"
/*
 * Keeps the container from overwriting the runtime's own program file through /proc/PID/exe
 * (CVE-2019-5736).  Needed when root inside is root outside.  Nothing to do when the file cannot be
 * written anyway: reached through a read-only mount, immutable, or under fs-verity.  Else the program is
 * executed again from a read-only mount of itself that exists nowhere, or from a sealed copy.
 * Returns 0 when protected; does not return when it executes.  Call before anything is made.
 */
int guard_exe(const struct ct_ctx *c, struct err *e);
#endif
