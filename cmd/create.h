/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_CREATE_H
#define CMD_CREATE_H
/* What the verbs that make a container have in common. */
#include "cmd/verbs.h"

#define CREATE_ROWS                                                                                 \
	O_STR(struct ct_create, bundle, 'b', "bundle", "DIR", COMPLETE_DIR,                         \
	      "take config.json and the root filesystem from DIR (default: the current directory)"), \
	O_STR(struct ct_create, config, 'f', "config", "FILE", COMPLETE_FILE,                       \
	      "read FILE instead of config.json in DIR"),                                           \
	O_STR(struct ct_create, console_socket, 0, "console-socket", "SOCKET", COMPLETE_FILE,       \
	      "send the master of the container's terminal to this UNIX socket"),                   \
	O_STR(struct ct_create, pid_file, 0, "pid-file", "FILE", COMPLETE_FILE,                     \
	      "write the pid of the container's first process to FILE, without a newline"),         \
	O_STR(struct ct_create, pidfd_socket, 0, "pidfd-socket", "SOCKET", COMPLETE_FILE,           \
	      "send a pidfd of the container's first process to this UNIX socket"),                 \
	O_U32(struct ct_create, preserve_fds, 0, "preserve-fds", "N",                               \
	      "keep N more descriptors open in the container, from 3 on (after those of LISTEN_FDS)"), \
	O_FLAG(struct ct_create, no_pivot, 0, "no-pivot",                                           \
	       "do not use pivot_root(2), for a root filesystem on the initial ramdisk"),           \
	O_FLAG(struct ct_create, no_new_keyring, 0, "no-new-keyring",                               \
	       "leave the container in the caller's session keyring"),                              \
	O_FLAG(struct ct_create, dry_run, 0, "dry-run", "print the plan as text and touch nothing"), \
	O_IGNORED("no-subreaper", NULL, "accepted for callers of runc")

/* Completes *o from the call.  1 when nothing is left to do: the plan was asked for, and printed. */
int create_begin(const struct call *c, struct ct_create *o, struct err *e);
#endif
