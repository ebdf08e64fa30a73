/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NAMESPACES_KINDS_H
#define NAMESPACES_KINDS_H
/*
 * The eight kinds of namespace, in the order in which they are joined: the user namespace first, because
 * it gives the privilege for the rest; the mount namespace last, because /proc paths vanish with it.
 */
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

struct ns_kind {
	int flag;
	const char *word;	/* OCI */
	const char *proc;	/* /proc/PID/ns/… */
	bool children_only;	/* setns(2) moves only later children, so joining needs one more fork */
};

enum { NS_KINDS = 8 };
extern const struct ns_kind ns_kinds[NS_KINDS];

const struct ns_kind *ns_kind_of(int flag);
#endif
