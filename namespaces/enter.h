/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NAMESPACES_ENTER_H
#define NAMESPACES_ENTER_H
/* Effects of the namespace plan.  All run in the process that is named; none forks unless it says so. */
#include "namespaces/plan.h"

/* Stage or init: opens every path first (they may lie behind a namespace that is joined on the way). */
int ns_join_all(const struct ns_plan *p, struct err *e);
/*
 * Stage: leaves the time namespace for a new one and sets its offsets, before anybody is in it.  The file is opened
 * before anything is joined: afterwards /proc may be the container's.
 */
struct ns_time {
	int offsets;
};
#define auto_ns_time __attribute__((cleanup(ns_time_done))) struct ns_time
void ns_time_done(struct ns_time *t);
int ns_open_time(const struct ns_plan *p, struct ns_time *t, struct err *e);
int ns_new_time(const struct ns_plan *p, const struct ns_time *t, struct err *e);
/* Init: hostname, domain name, loopback. */
int ns_apply_settings(const struct ns_plan *p, struct err *e);
/* Init: through a procfs of its own pid namespace that nobody else can reach (CVE-2025-52881). */
int ns_write_sysctls(const struct ns_plan *p, int procfs, struct err *e);

/* Parent: the maps of `pid`, which waits in its new user namespace.  Runs newuidmap(1) when planned. */
int ns_write_maps(struct arena *a, const struct ns_plan *p, pid_t pid, struct err *e);
/* Parent: a user namespace that exists only for its maps, for idmapped mounts; forks and reaps a helper. */
int ns_map_fd(struct arena *a, const oci_mappings *uids, const oci_mappings *gids, struct err *e);
#endif
