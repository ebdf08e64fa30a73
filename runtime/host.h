/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_HOST_H
#define RUNTIME_HOST_H
/* What must be known of the host to plan; a plain value, so that tests can invent one. */
#include "cgroups/plan.h"
#include "namespaces/mounts.h"
#include "namespaces/plan.h"

struct host {
	uint32_t uid, gid;	 /* effective */
	bool nested;		 /* uid 0, but of a user namespace below the first: no power over the host */
	bool deny_setgroups;	 /* nested, and whoever made that namespace could not allow it (user_namespaces(7)) */
	const char *cgroup_mount; /* NULL: no cgroup v2 */
	const char *controllers;
	const char *own_cgroup;
};

/* Few system calls: the controllers are read only when limits matter, the own cgroup only for non-root. */
int host_probe(struct arena *a, bool want_controllers, struct host *out, struct err *e);
/* Where cgroup v2 is mounted, NULL when nowhere: the usual places first, then /proc/self/mountinfo. */
const char *host_cgroup_mount(struct arena *a);
/* The place in cgroup v2 that a /proc/PID/cgroup says; NULL when it says none or cannot be read. */
const char *host_cgroup_of(struct arena *a, const char *file);

struct ns_host host_for_ns(const struct host *h);
struct mnt_host host_for_mnt(const struct host *h);
struct cg_host host_for_cg(const struct host *h);
#endif
