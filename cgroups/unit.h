/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_UNIT_H
#define CGROUPS_UNIT_H
/*
 * The systemd manager's half of the plan: a transient scope (org.freedesktop.systemd1(5),
 * systemd.resource-control(5)) that holds the container, with its limits as unit properties, so that a
 * daemon-reload writes the same values again instead of undoing them.  Pure.
 */
#include "base/err.h"
#include "base/text.h"
#include "oci/spec.h"

struct cg_property {
	const char *name;
	const char *sig;  /* D-Bus type of the value: s t b u ay as a(ss) a(st) */
	strings values;	  /* basic ones in order; ay: decimal bytes */
};

struct cg_unit {
	const char *name;  /* "kist-web.scope"; NULL: the systemd manager is not in use */
	const char *slice; /* "system.slice" */
	bool user;	   /* the caller's own manager, not the system's */
	LIST_OF(struct cg_property) props;
};

/* `asked` is linux.cgroupsPath, "slice:prefix:name" or absent. */
int cg_unit_plan(struct arena *a, const char *asked, const char *id, bool user, struct cg_unit *out, struct err *e);
/* Adds the limits that systemd has properties for; what it lacks is only written to files. */
void cg_unit_limits(struct arena *a, const struct oci_resources *r, struct cg_unit *u);
/* org.systemd.property.NAME annotations, from a closed list: anything else could run commands on the host (CVE-2024-3154). */
int cg_unit_annotations(struct arena *a, const pairs *annotations, struct cg_unit *u, struct err *e);
void cg_unit_explain(const struct cg_unit *u, struct text *out);
/* One line per property, fields separated by tabs, an empty line at the end: what kist-systemd reads. */
const char *cg_unit_wire(struct arena *a, const struct cg_unit *u);
/* Docker's shares 2 … 262144 on the kernel's scale 1 … 10000, 1024 staying at 100 (runc 1.3.2, crun 1.23). */
uint64_t cg_weight_of_shares(uint64_t shares);
/* blkio's 10 … 1000 on io's 1 … 10000, linear as runc has it. */
unsigned cg_io_weight(uint16_t weight);
#endif
