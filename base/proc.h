/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_PROC_H
#define BASE_PROC_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Start time in clock ticks since boot (field 22 of /proc/PID/stat), state letter in *state when not NULL.
 * Together with the pid it names a process for ever: pids are reused.  -ESRCH when there is none. */
int proc_start(pid_t pid, uint64_t *start, char *state);

/* Signals that nohup(1), a background shell or another runtime had ignored and we inherited (bit N-1 for signal N).  SIGCHLD is set to its
 * default here: with it ignored the kernel reaps our children itself. */
uint64_t proc_ignored_signals(void);
/* Reaps a child of ours: its wait status, or -errno. */
int proc_wait(pid_t pid);
/* 128 + signal, or the exit code, from a wait status; -1 when neither. */
int proc_exit_code(int status);

struct proc_job {
	const char *path;	 /* executed as given: no PATH search */
	const char *const *argv; /* NULL-terminated */
	const char *const *envp; /* NULL-terminated; never inherited */
	const char *cwd;	 /* NULL: unchanged */
	const char *input;	 /* NULL: stdin is /dev/null */
	size_t input_len;
	unsigned timeout_s;	 /* 0: none; afterwards SIGKILL and -ETIMEDOUT */
	char *says;		 /* when not NULL: receives the tail of its stderr */
	size_t says_size;
};
/* Runs a helper to its end; 0 only when it exited with 0, else -errno and a sentence with its status. */
int proc_run(const struct proc_job *job, struct err *e);
#endif
