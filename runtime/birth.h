/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_BIRTH_H
#define RUNTIME_BIRTH_H
/*
 * The parent's side of create, run and exec.  Everything made on the way is in one struct, and
 * birth_done() undoes it in reverse unless birth_keep() was called.
 */
#include "cgroups/scope.h"
#include "runtime/job.h"
#include "runtime/record.h"

struct birth {
	const struct ct_ctx *c;
	const struct plan *plan;
	struct child_job job;
	struct ct_record record;
	int dir, cgroup, pidfd, console;
	pid_t pid;
	struct chan chan;
	struct cg_scope scope;
	const char *pid_file; /* written: to be removed when the start fails after all */
	bool dir_made, kept, hooked;
};

void birth_init(struct birth *b, const struct ct_ctx *c, const struct plan *plan);
/* Container: state directory, record, cgroup, init; returns when the init is ready for GO or KEPT. */
int birth_container(struct birth *b, const struct ct_create *o, const char *config, size_t len, struct err *e);
/* Clones the child (into b->cgroup when ≥ 0) and opens the channel; `flags`: CLONE_NEW*. */
int birth_clone(struct birth *b, int flags, bool stage, struct err *e);
/* After a stage: waits for BORN, reaps it, and takes the child that it cloned. */
int birth_swap_stage(struct birth *b, struct err *e);
/* Waits for CONSOLE, LISTENER and READY as the process has them. */
int birth_await_ready(struct birth *b, const struct process_plan *p, struct err *e);
/* The container's whole conversation up to READY, and handing out what callers want to receive. */
int birth_converse(struct birth *b, const struct ct_create *o, struct err *e);
/* Adds to "died before …" what the kernel knows of the death. */
int birth_explain_death(struct birth *b, int r, struct err *e);
/* Says GO and waits until the program runs. */
int birth_go(struct birth *b, struct err *e);
void birth_keep(struct birth *b);
void birth_done(struct birth *b);
#define auto_birth __attribute__((cleanup(birth_done))) struct birth

int birth_write_pid(const char *file, pid_t pid, struct err *e); /* decimal, no newline, by rename; NULL: nothing */
/* 3 … 3+n-1 must be open and not ours: those that came over execve(2) are never close-on-exec. */
int birth_check_fds(unsigned n, struct err *e);
#endif
