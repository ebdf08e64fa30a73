/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CONTAINER_H
#define RUNTIME_CONTAINER_H
/*
 * The doors of the engine: one function per thing that can be done to a container.  cmd/ calls these and
 * nothing deeper.  All take the caller's settings first and the error last; all return ≥ 0 or -errno with
 * one sentence written.  Nothing here prints.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "cgroups/stats.h"
#include "net/counters.h"
#include "net/edit.h"
#include "net/rate.h"
#include "oci/spec.h"
#include "oci/state.h"

enum ct_manager { CT_CGROUPFS, CT_CGROUP_DISABLED, CT_SYSTEMD }; /* as enum cg_manager */

/* What the global options say; lives as long as the command. */
struct ct_ctx {
	struct arena *arena;
	const char *root; /* state directory: absolute, made on first use */
	const char *data; /* the data directory, for what has networks; absolute */
	enum ct_manager manager;
	char **argv; /* as main() got it: the program may have to execute itself again */
};

/* The default of --root: /run/kist, or $XDG_RUNTIME_DIR/kist for a user other than root (an empty variable
 * counts as unset); the result lives in the arena. */
const char *ct_default_root(struct arena *a);

struct ct_create {
	const char *id;
	const char *bundle;	    /* directory; NULL: the current one */
	const char *config;	    /* instead of BUNDLE/config.json */
	const char *text;	    /* not NULL: the document itself, so that nothing is read */
	size_t text_len;
	bool guarded; /* guard_exe() has been called: it may execute the program again, and something was made since */
	const char *pid_file;	    /* decimal pid, no newline, written before success is reported */
	const char *console_socket; /* receives the terminal's master */
	const char *pidfd_socket;   /* receives a pidfd of the init */
	unsigned preserve_fds;	    /* 3 … 3+N-1 stay open in the container */
	bool no_pivot, no_new_keyring;
	bool detach;	/* run: return once the program runs */
	bool run;	/* set by ct_run */
	bool keep;	/* run: leave the stopped container's record */
	bool dry_run;
};

/* Leaves the container in "created"; undoes everything on failure. */
int ct_create(const struct ct_ctx *c, const struct ct_create *o, struct err *e);
/* create + start; without detach waits, relays signals and the terminal, and deletes unless keep.
 * *code receives the program's exit code, 128 + signal. */
int ct_run(const struct ct_ctx *c, const struct ct_create *o, int *code, struct err *e);
/* The plan as stable text; touches nothing. */
int ct_explain(const struct ct_ctx *c, const struct ct_create *o, struct text *out, struct err *e);
int ct_start(const struct ct_ctx *c, const char *id, struct err *e);
int ct_kill(const struct ct_ctx *c, const char *id, int sig, bool all, struct err *e);
/* Without force only created and stopped containers; with force everything, and an unknown id is success. */
int ct_delete(const struct ct_ctx *c, const char *id, bool force, struct err *e);

struct ct_exec {
	const char *id;
	const struct oci_process *process; /* --process FILE, decoded; NULL: the container's own, changed by: */
	strings args, env;		   /* env: NAME=VALUE added to the container's own */
	const char *cwd;
	const char *user; /* UID[:GID], decimal */
	strings groups;	  /* additional gids, decimal */
	strings caps;	  /* added to bounding, permitted, effective */
	bool tty, no_new_privs;
	const char *apparmor, *selinux;
	const char *cgroup; /* a sub-cgroup of the container's */
	const char *pid_file, *console_socket, *pidfd_socket;
	unsigned preserve_fds;
	bool detach, ignore_paused;
};
int ct_exec(const struct ct_ctx *c, const struct ct_exec *o, int *code, struct err *e);

int ct_pause(const struct ct_ctx *c, const char *id, struct err *e);
int ct_resume(const struct ct_ctx *c, const char *id, struct err *e);
/* What is to become of a container that exists; what is absent stays as it is. */
struct ct_change {
	const struct oci_resources *resources;
	const struct oci_kist_bandwidth *bandwidth; /* CT_UNLIMITED lifts a limit */
	struct net_edit net;
};
#define CT_UNLIMITED "none"
/* Applied, and kept with the container. */
int ct_update(const struct ct_ctx *c, const char *id, const struct ct_change *x, struct err *e);
int ct_stats(const struct ct_ctx *c, const char *id, struct cg_stats *out, struct err *e);
/* Of the container's own network namespace, or of the one that it shares with another; 1 when it has the host's. */
int ct_network(const struct ct_ctx *c, const char *id, net_counters *out, struct err *e);
/* What limits its bandwidth, and what that has done; 1: nothing does. */
int ct_bandwidth(const struct ct_ctx *c, const char *id, struct net_flows *out, struct err *e);

/* The files of a container whose init lives, for who works on them from outside. */
struct ct_reach {
	int root; /* O_PATH: what it has as "/" */
	int user; /* setns(2) enters its user namespace by this; -1: it has the caller's */
};
#define CT_REACH_NONE { -1, -1 }
void ct_reach_done(struct ct_reach *r);
#define auto_reach __attribute__((cleanup(ct_reach_done))) struct ct_reach
/* -ENOENT: no such container; -ESRCH: its init is gone. */
int ct_reach(const struct ct_ctx *c, const char *id, struct ct_reach *out, struct err *e);

/* What is waited for: the death of the init, and the OOM killer, which only the memory controller reports. */
struct ct_watch {
	int init, events; /* descriptors; events is -1 without that controller */
	uint64_t kills;	  /* that were known already */
};
void ct_watch_done(struct ct_watch *w);
#define auto_watch __attribute__((cleanup(ct_watch_done))) struct ct_watch
/* -ESRCH when the container has stopped. */
int ct_watch(const struct ct_ctx *c, const char *id, struct ct_watch *out, struct err *e);
enum ct_event { CT_EVENT_TIMEOUT, CT_EVENT_NONE, CT_EVENT_OOM, CT_EVENT_END };
int ct_wait_event(struct ct_watch *w, int timeout, struct err *e); /* milliseconds; enum ct_event */

int ct_state(const struct ct_ctx *c, const char *id, struct oci_state *out, struct err *e);
typedef LIST_OF(struct oci_state) ct_states;
int ct_list(const struct ct_ctx *c, ct_states *out, struct err *e);
/* Host pids of everything in the container's cgroup, ascending. */
typedef LIST_OF(pid_t) ct_pids;
int ct_ps(const struct ct_ctx *c, const char *id, ct_pids *out, struct err *e);

/* "15", "TERM", "SIGTERM", "rtmin+3" … → the number, or -EINVAL. */
int ct_signal(const char *word, struct err *e);
/* One word per built-in feature: "+SECCOMP +CAP …". */
const char *ct_built_in(void);
/* The OCI features document, with its final newline; asks nothing of the host. */
int ct_features(const struct ct_ctx *c, struct text *out, struct err *e);
/* ID grammar of the engine contract 5; 0 or -EINVAL with the sentence. */
int ct_check_id(const char *id, struct err *e);
#endif
