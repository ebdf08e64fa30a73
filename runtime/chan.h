/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CHAN_H
#define RUNTIME_CHAN_H
/*
 * The only way parent and child talk: one SOCK_SEQPACKET connection, one datagram per message.  The rows
 * are the conversation in order; ERR may come from the child at any time, and the parent's user then reads
 * the child's own sentence.  After the last message the child's end is closed by execve(2): end of file
 * without ERR is success.  `start` speaks the same language over a socket in the state directory.
 */
#include <stddef.h>

#include "base/err.h"

#define CHAN_MSGS(M)                                                              \
	M(BORN, "init born", CHILD, 0)		     /* stage: int pid */         \
	M(MAPPED, "id maps written", PARENT, 0)	     /* also: the init is known */ \
	M(TREES, "mounts made outside", PARENT, CHAN_FDS) /* as many as are left */ \
	M(SPACES, "namespaces entered", CHILD, 0)                                 \
	M(HOOKED, "hooks done", PARENT, 0)	     /* int pid, as the host sees it */ \
	M(CONSOLE, "terminal made", CHILD, 1)	     /* the master */             \
	M(LISTENER, "seccomp listener", CHILD, 1)                                 \
	M(READY, "container built", CHILD, 0)                                     \
	M(KEPT, "container recorded", PARENT, 0)  /* create: the parent may now go */ \
	M(GO, "start", PARENT, 0)                                                 \
	M(ERR, "failure", CHILD, 0)		     /* struct err */

enum chan_side { PARENT, CHILD };
enum { CHAN_FDS = 64, CHAN_BYTES = 1024 };
enum chan_msg {
#define M(id, what, from, fds) MSG_##id,
	CHAN_MSGS(M)
#undef M
	MSG_N
};

struct chan {
	int fd;
	enum chan_side side;
};

struct chan_load {
	void *data; /* exactly len bytes */
	size_t len;
	int *fds; /* exactly nfds descriptors; received ones are close-on-exec and the caller's */
	size_t nfds;
};

/* `load` may be NULL: a bare message.  Refuses to send from the wrong side. */
int chan_send(const struct chan *c, enum chan_msg m, const struct chan_load *load, struct err *e);
/* Waits for exactly m.  A failure sent instead becomes the caller's error; so does a peer that died. */
int chan_expect(const struct chan *c, enum chan_msg m, struct chan_load *load, struct err *e);
/* Waits for end of file: 0, or the failure that came instead. */
int chan_expect_end(const struct chan *c, struct err *e);
void chan_fail(const struct chan *c, const struct err *e);
#endif
