/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CHILD_H
#define RUNTIME_CHILD_H
/* The child's side of create, run and exec: tables of steps and nothing long. */
#include "runtime/job.h"

/* Never returns.  `chan` is the child's end. */
void child_main(const struct child_job *job, int chan) __attribute__((noreturn));

/* What the parent and its caller hold and the container must not get: closed before anybody inside could see the child,
 * because a tracer in there reaches whatever it still has. */
void child_close_others(const struct child_job *job, int chan);
/* The filter is loaded while CAP_SYS_ADMIN is there, because without no_new_privs it takes that, or because its listener
 * goes to the parent. */
bool child_filters_early(const struct child_job *job);
/* An AppArmor profile or an SELinux label is to be taken: an empty word is none. */
bool child_has_label(const struct oci_process *p);
/* For the unit test of the order: the names of the steps, NULL at the end. */
const char *child_step_name(enum child_role role, size_t i);
#endif
