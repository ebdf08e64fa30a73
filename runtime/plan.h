/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_PLAN_H
#define RUNTIME_PLAN_H
/*
 * The whole plan of a container: what the four plans of floor 3 say, and what its process is.  Pure: made
 * from the spec, the caller's options and struct host; const afterwards; holds no descriptors.  The child
 * is a fork and obeys the same value.
 */
#include "cgroups/plan.h"
#include "namespaces/mounts.h"
#include "namespaces/plan.h"
#include "net/plan.h"
#include "runtime/caps.h"
#include "runtime/container.h"
#include "runtime/host.h"

struct process_plan {
	strings args;
	struct strv env; /* as the program gets it, HOME excepted when absent: that needs the image */
	const char *cwd;
	uint32_t uid, gid;
	LIST_OF(uint32_t) groups;
	bool keep_groups; /* setgroups(2) is denied in this user namespace and nothing was asked */
	const uint32_t *umask;
	struct caps caps;
	bool no_new_privs, terminal, new_keyring, listen;
	bool init; /* the program is a child of kist's own init (runtime/reap.h) */
	const struct oci_console_size *size;
	const struct oci_process *spec; /* rlimits, scheduler, priorities, labels */
	unsigned preserve_fds;		/* 3 … 3+N-1, socket activation included */
	const struct oci_seccomp *seccomp;
	const struct oci_personality *personality;
	const struct oci_memory_policy *memory;
};

struct plan {
	const char *id, *bundle;
	const struct oci_spec *spec;
	struct ns_plan ns;
	struct mnt_plan mnt;
	struct net_plan net;
	struct cg_plan cg;
	const char *cgroup_mount; /* where cg.path lies */
	struct process_plan process;
};

/* How many descriptors socket activation passed to us (sd_listen_fds(3)); 0 when they are not ours. */
struct plan_env {
	unsigned listen_fds;
	const char *listen_names;
};

int plan_build(const struct ct_ctx *c, const struct ct_create *o, const struct oci_spec *spec, const struct host *host,
	       const struct plan_env *env, struct plan *out, struct err *e);
/* A process for a container that exists: exec's half.  `uids`, `gids`: of its user namespace, may be empty. */
struct process_place {
	bool userns;
	const oci_mappings *uids, *gids;
	bool deny_setgroups;
	const struct oci_linux *linux_; /* seccomp, personality; may be NULL */
};
int plan_process(struct arena *a, const struct oci_process *in, const struct process_place *where, struct process_plan *out,
		 struct err *e);
/* Hooks for which parent and child must meet before the program starts. */
bool plan_has_hooks(const struct oci_hooks *h);
void plan_explain(const struct plan *p, struct text *out);
#endif
