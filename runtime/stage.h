/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_STAGE_H
#define RUNTIME_STAGE_H
#include "runtime/job.h"
/* The intermediate process (namespaces/plan.h says when): joins, clones the child with CLONE_PARENT, goes. */
void stage_main(const struct child_job *job, int chan) __attribute__((noreturn));
#endif
