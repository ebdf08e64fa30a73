/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_PLAN_H
#define CGROUPS_PLAN_H
/*
 * Where a container's cgroup is and what is written there.  cgroup v2 only (Documentation/admin-guide/
 * cgroup-v2.rst); the mount may be anywhere, also at a hybrid host's "unified".  Pure.
 */
#include "base/err.h"
#include "base/text.h"
#include "cgroups/devices.h"
#include "cgroups/unit.h"
#include "oci/spec.h"

struct cg_host {
	const char *mount;	 /* where cgroup v2 is mounted; NULL when nowhere */
	const char *controllers; /* words of cgroup.controllers at the mount; only read when limits are asked for */
	const char *own;	 /* the runtime's own cgroup below the mount, "/" … */
	bool privileged;
};

struct cg_limit {
	const char *from;  /* JSON path in the document, for messages */
	const char *file;  /* in the cgroup: "memory.max" */
	const char *value; /* written as it is */
	int pardon;	   /* the errno that is no failure; 0: none */
};

enum cg_manager { CG_CGROUPFS, CG_DISABLED, CG_SYSTEMD };

struct cg_plan {
	const char *path;    /* clean, below the mount; NULL: the container stays in the runtime's cgroup … */
	struct cg_unit unit; /* … or in a scope, whose place systemd decides */
	uint32_t owner;	     /* uid of the host that gets it, to make cgroups below; 0: it stays ours */
	bool optional;	  /* an unprivileged user without delegation: go on without */
	LIST_OF(struct cg_limit) limits; /* in the order in which they must be written */
	cg_device_rules devices;	 /* empty: none are enforced */
	const char *controllers;	 /* what subtree_control of the ancestors needs: "+memory +pids", without what systemd enables for a scope; NULL: nothing */
};

int cg_plan(struct arena *a, const struct oci_spec *spec, const char *id, enum cg_manager manager, const struct cg_host *host,
	    struct cg_plan *out, struct err *e);
/* The same for a container that exists and has its cgroup already: only what `res` names is written. */
struct cg_where {
	const char *path;
	bool scope; /* made by systemd */
};
int cg_plan_update(struct arena *a, const struct oci_resources *res, const struct cg_where *at, const struct cg_host *host,
		   struct cg_plan *out, struct err *e);
/* Of `p` only the limits of controllers that `named` has limits of. */
void cg_plan_keep(struct cg_plan *p, const struct cg_plan *named);
void cg_explain(const struct cg_plan *p, struct text *out);

/* The resources as files and values, without asking whether this host has the controller. */
int cg_limits(struct arena *a, const struct oci_resources *r, struct cg_plan *out, struct err *e);
/* True when any limit is asked for, so that the host's controllers matter. */
bool cg_wants_limits(const struct oci_resources *r);
bool cg_has_controller(const struct cg_host *host, const char *name);
#endif
