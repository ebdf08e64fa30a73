/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NAMESPACES_PLAN_H
#define NAMESPACES_PLAN_H
/*
 * Which namespaces are made, which are joined, and what is set inside them.  Pure: from the spec and the
 * few host facts in struct ns_host.
 *
 * Usually one clone3(2) makes everything and the init joins the rest itself.  Four cases need an
 * intermediate process (the "stage"), which joins first and clones the init with CLONE_PARENT, so that
 * the init is still the runtime's child: a joined user namespace must own the new ones; a joined pid
 * namespace holds only later children; a time namespace's offsets must be written before anybody enters
 * it; and beside a new user namespace the others must be joined with the privilege outside of it.
 */
#include "base/err.h"
#include "base/text.h"
#include "namespaces/kinds.h"
#include "oci/spec.h"

struct ns_host {
	uint32_t uid, gid;  /* effective ids of the runtime */
	bool privileged;    /* may write any id map and make mounts on the host side */
	bool deny_setgroups; /* the runtime itself is in a user namespace where nobody may */
};

struct ns_join {
	const struct ns_kind *kind;
	const char *path;
};

enum ns_map_how {
	NS_MAP_NONE,
	NS_MAP_DIRECT, /* written to /proc/PID/uid_map */
	NS_MAP_HELPER, /* newuidmap(1) and newgidmap(1): an unprivileged user with subordinate ids */
};

struct ns_plan {
	int make; /* CLONE_NEW* of the init's clone3 */
	int has;  /* all kinds that are the container's own: made or joined */
	LIST_OF(struct ns_join) joins;
	bool stage;
	int stage_make;	 /* what the stage itself makes: CLONE_NEWUSER at most */
	int stage_leave; /* what it unshares: CLONE_NEWTIME at most */
	enum ns_map_how map;
	bool deny_setgroups;
	oci_mappings uids, gids;
	bool loopback;
	const char *hostname, *domainname;
	const struct oci_time_offsets *offsets;
	pairs sysctls; /* key: path under /proc/sys */
};

/* Spec namespaces must be unique (oci_load has checked). */
int ns_plan(struct arena *a, const struct oci_spec *spec, const struct ns_host *host, struct ns_plan *out, struct err *e);
void ns_explain(const struct ns_plan *p, struct text *out);

/* Host id of a container's id; UINT32_MAX when it has no place in the map. */
uint32_t ns_map_id(const oci_mappings *m, uint32_t id);
#endif
