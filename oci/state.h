/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_STATE_H
#define OCI_STATE_H
/*
 * The OCI state document (runtime.md, "State"): what `state` and `list --format json` print and hooks read
 * on stdin.  `created`, `owner` and `rootfs` are runc's additions, which engines use.
 */
#include "oci/bind.h"

struct oci_state {
	const char *version, *id, *status;
	const int64_t *pid; /* printed always: 0 when stopped */
	const char *bundle, *rootfs, *created, *owner;
	pairs annotations;
	const char *image; /* kist's addition: of an instance */
	const int64_t *exit_code; /* kist's addition: of an instance whose last run somebody saw end */
	const char *finished;
	bool oom_killed; /* kist's addition: stopped, and the kernel had killed in it for want of memory */
};
extern const struct object oci_state_object;

/* config-linux.md, "The Container Process State": what a seccomp listener receives beside the descriptor. */
struct oci_process_state {
	const char *version;
	strings fds;
	int64_t pid;
	const char *metadata;
	const struct oci_state *state;
};
extern const struct object oci_process_state_object;
#endif
