/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_PROCESS_H
#define RUNTIME_PROCESS_H
/*
 * Turns the calling process into the planned one.  All run in the child (of create or exec), in the order
 * that runtime/child.c's table gives; each only touches the caller.
 */
#include "runtime/plan.h"

int process_limits(const struct process_plan *p, struct err *e); /* rlimits, scheduler, priorities, memory policy */
/* exec only: the final set, else the initial one; the process is in its cgroup already. */
int process_affinity(const struct oci_cpu_affinity *a, struct err *e);
int process_labels(const struct process_plan *p, int procfs, struct err *e); /* before the change of user */
int process_stdio(const struct process_plan *p, struct err *e);	 /* descriptors 0-2 become the user's */
int process_bounding(const struct process_plan *p, struct err *e);
int process_user(const struct process_plan *p, struct err *e);	 /* groups, gid, uid, umask */
int process_caps(const struct process_plan *p, struct err *e);
/*
 * cwd: tried before the change of user (as root may, so that a private directory works) and, when that was
 * refused, after it.  Proven to lie inside the root (CVE-2024-21626).
 */
int process_chdir(const struct process_plan *p, bool *done, bool last_try, struct err *e);
/* HOME from the image's /etc/passwd, when the environment has none; LISTEN_PID for socket activation. */
void process_finish_env(struct process_plan *p);
/* The program by the environment's PATH, looked up inside the container; *path lives in the arena of env. */
int process_find(const struct process_plan *p, const char **path, struct err *e);
int process_no_new_privs(const struct process_plan *p, struct err *e);
/* Closes everything but 0-2, what is to be passed on, and the two that are named (close-on-exec; -1: none): a container
 * that waits for start must not hold a pipe of the caller's open. */
int process_close_others(const struct process_plan *p, const int keep[3], struct err *e);
/* The parent: for a child that may no longer be allowed to do it itself. */
int process_oom_score(const struct oci_process *p, pid_t pid, struct err *e);
#endif
