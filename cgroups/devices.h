/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_DEVICES_H
#define CGROUPS_DEVICES_H
/*
 * linux.resources.devices as a BPF program (cgroup v2 has no devices controller;
 * Documentation/admin-guide/cgroup-v2.rst, "Device controller").
 *
 * Meaning: every bit of a request (read, write, mknod) is decided by the last rule that names the device and
 * the bit; what no rule names is denied.  After the document's rules come the ones without which no
 * container works, as in runc: mknod of anything, and the default devices and terminals.
 */
#include "base/err.h"
#include "oci/spec.h"

enum { CG_DEV_MKNOD = 1, CG_DEV_READ = 2, CG_DEV_WRITE = 4, CG_DEV_ALL = 7 }; /* BPF_DEVCG_ACC_* */
enum { CG_DEV_BLOCK = 1, CG_DEV_CHAR = 2, CG_DEV_ANY = 3 };			 /* BPF_DEVCG_DEV_*, as bits */
enum { CG_DEV_RULES = 1024 };

struct cg_device_rule {
	bool allow;
	unsigned type, access;
	int64_t major, minor; /* -1: any */
};
typedef LIST_OF(struct cg_device_rule) cg_device_rules;

/* Empty when the document has no rules: then nothing is attached. */
int cg_device_rules_of(struct arena *a, const struct oci_resources *r, cg_device_rules *out, struct err *e);

struct bpf_insn;
struct cg_program {
	const struct bpf_insn *at;
	size_t len;
};
struct cg_program cg_device_program(struct arena *a, const cg_device_rules *rules);

/* Loads and attaches; the program lives as long as the cgroup.  Nothing to do for an empty list. */
int cg_attach_devices(struct arena *a, int cgroup, const cg_device_rules *rules, struct err *e);
/* The same for a cgroup that may carry an older program of ours: exchanged in one step, never without one. */
int cg_replace_devices(struct arena *a, int cgroup, const cg_device_rules *rules, struct err *e);
#endif
