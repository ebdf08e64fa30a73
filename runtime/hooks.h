/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_HOOKS_H
#define RUNTIME_HOOKS_H
/*
 * config.md, "POSIX-platform Hooks": each runs to its end, in order, with the state document on stdin, the
 * environment it names and nothing else, and the caller's working directory (the bundle, on the host side).
 */
#include "oci/spec.h"
#include "oci/state.h"

/* The first failure ends the list and names the hook; `what` is the list's name in the document. */
int hooks_run(struct arena *a, const char *what, const oci_hook_list *l, const struct oci_state *state, const char *cwd,
	      struct err *e);
/* poststop: all run; failures are logged and do not matter (runtime.md, "Lifecycle" 13). */
void hooks_run_all(struct arena *a, const char *what, const oci_hook_list *l, const struct oci_state *state, const char *cwd);
#endif
