/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CONSOLE_H
#define RUNTIME_CONSOLE_H
/* The runtime's end of terminals and of other descriptors that callers want to receive. */
#include <signal.h>

#include "base/err.h"
#include "oci/spec.h"

/*
 * Connects to a caller's AF_UNIX stream socket (the path may be longer than sun_path), sends one message
 * of `len` ≥ 1 bytes with exactly one descriptor, and closes (engine contract 4).
 */
int console_send_fd(const char *path, int fd, const void *data, size_t len, const char *option, struct err *e);

/* A process that is waited for in the foreground. */
struct relay {
	int pidfd;  /* of our own child */
	pid_t pid;
	int master; /* its terminal, or -1; closed at the end */
	int signals; /* from relay_block_signals */
	int events;  /* memory.events of its cgroup, or -1; closed at the end */
	uint64_t oom_kills; /* what that said last */
};
/* Blocks every signal and returns a signalfd: to be called before the program runs, so that none is lost. */
int relay_block_signals(struct err *e);
/* Copies the terminal, forwards signals, returns the wait status.  Restores the caller's terminal. */
int relay_run(struct relay *r, int *status, struct err *e);
/* With a terminal and no size in the document: the caller's own size. */
void relay_copy_size(int master);
#endif
