/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_AWAIT_H
#define INSTANCES_AWAIT_H
/*
 * Waiting for the end of an instance.  It is built twice: into kist, and without a C library into kist-waiter
 * (cmd/kist-waiter.c), which has a definition of what is called here and in inst_log_cut() and of nothing else.
 */
#include <stdint.h>

/* Until the only child has ended, whose status it gives; the log in the instance's directory `dir` is kept below `log_max` (log.h).
 * SIGTERM ends this process.  -1: there is no child. */
int inst_await(int dir, int64_t log_max, int *status);
#endif
