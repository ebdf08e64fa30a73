/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_STEPS_H
#define RUNTIME_STEPS_H
/* The steps of the child, one function each; their order and its reasons are the tables in child.c. */
#include "namespaces/mounts.h"
#include "runtime/job.h"

struct child {
	const struct child_job *job;
	struct process_plan process; /* a copy: HOME is added */
	struct chan chan;
	struct mnt_site site;
	int procfs;
	int *trees;
	struct mnt_console console;
	bool moved; /* cwd reached */
	const char *program;
	int pid_outside;
	struct chan start; /* create: the connection of `start` */
};

/* The namespaces of an existing container, in whoever calls: the exec child or its stage. */
int child_join_kinds(const struct child_job *job, struct err *e);

int step_fresh_signals(struct child *c, struct err *e);
int step_wait_maps(struct child *c, struct err *e);
int step_join(struct child *c, struct err *e);
int step_become_root(struct child *c, struct err *e);
int step_hide(struct child *c, struct err *e);
int step_stay_hidden(struct child *c, struct err *e);
int step_new_session(struct child *c, struct err *e);
int step_settings(struct child *c, struct err *e);
int step_take_trees(struct child *c, struct err *e);
int step_open_procfs(struct child *c, struct err *e);
int step_sysctls(struct child *c, struct err *e);
int step_build_root(struct child *c, struct err *e);
int step_host_hooks(struct child *c, struct err *e);
int step_create_hooks(struct child *c, struct err *e);
int step_terminal(struct child *c, struct err *e);
int step_restrict_paths(struct child *c, struct err *e);
int step_enter_root(struct child *c, struct err *e);
int step_stdio(struct child *c, struct err *e);
int step_keyring(struct child *c, struct err *e);
int step_limits(struct child *c, struct err *e);
int step_affinity(struct child *c, struct err *e);
int step_labels(struct child *c, struct err *e);
int step_chdir_as_root(struct child *c, struct err *e);
int step_load_filter(struct child *c, struct err *e);
int step_bounding(struct child *c, struct err *e);
int step_user(struct child *c, struct err *e);
int step_caps(struct child *c, struct err *e);
int step_user_caps(struct child *c, struct err *e);
int step_chdir_as_user(struct child *c, struct err *e);
int step_find_program(struct child *c, struct err *e);
int step_no_new_privs(struct child *c, struct err *e);
int step_close_others(struct child *c, struct err *e);
int step_ready(struct child *c, struct err *e);
int step_wait_go(struct child *c, struct err *e);
int step_wait_start(struct child *c, struct err *e);
int step_start_hooks(struct child *c, struct err *e);
int step_execute(struct child *c, struct err *e);
int step_join_by_pidfd(struct child *c, struct err *e);
int step_enter_chroot(struct child *c, struct err *e);
int step_open_own_root(struct child *c, struct err *e);
#endif
