/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_RECORD_H
#define RUNTIME_RECORD_H
/*
 * What is known of a container between commands: ROOT/ID/ with record.json, a private config.json, and
 * while it waits for `start` a socket.  The directory's lock (flock(2) on its descriptor) is held by whoever
 * changes it; readers need none, because files are replaced by rename.
 *
 * The first record is written before anything else exists and names the cgroup, so that whatever a killed
 * kist leaves behind can be found by `delete --force`.
 */
#include "cgroups/group.h"
#include "oci/state.h"
#include "runtime/container.h"

struct ct_record {
	const char *id, *bundle, *rootfs, *created, *owner;
	int64_t pid;	/* 0: not born yet */
	uint64_t start; /* of that pid: a reused pid has another */
	const char *cgroup_mount, *cgroup; /* NULL: none */
	const char *unit; /* systemd's scope; NULL: cgroupfs */
	const char *data; /* the data directory that knows its addresses; NULL: it has none */
	bool user_unit;	  /* of the caller's own manager */
	LIST_OF(int) namespaces, made; /* CLONE_NEW* that are not the host's, and those of them that are its own */
	oci_mappings uids, gids;
	bool deny_setgroups, hooks, keyring;
	bool chrooted; /* no mount namespace of its own: its root is not that of the namespace */
	pairs annotations;
};

/* r->cgroup must not be NULL. */
static inline struct cg_own record_cgroup(const struct ct_record *r)
{
	return (struct cg_own){ r->cgroup_mount, r->cgroup, r->id };
}

enum ct_status { CT_CREATING, CT_CREATED, CT_RUNNING, CT_PAUSED, CT_STOPPED };
const char *ct_status_word(enum ct_status s);

/* Makes and locks; -EEXIST with "container with given ID already exists". */
int record_make_dir(const char *root, const char *id, struct err *e);
enum record_lock { RECORD_READ, RECORD_CHANGE };
/* -ENOENT with "container … does not exist". */
int record_open_dir(const char *root, const char *id, enum record_lock lock, struct err *e);
/* For who keeps `dir` open: somebody has removed it meanwhile, or changed the record. */
enum record_news { RECORD_SAME, RECORD_NEWER, RECORD_GONE };
enum record_news record_look(int dir);
int record_change(struct arena *a, int dir, const struct ct_record *r, struct err *e); /* record_save() of another */
int record_unlock(int dir); /* for descriptors that a forked child shares */
int record_remove_dir(const char *root, const char *id, int dir, struct err *e);

/* The two halves of record_save: ahead of time, and when it has come true. */
int record_prepare(struct arena *a, int dir, const struct ct_record *r, struct err *e);
int record_commit(int dir, const struct ct_record *r, struct err *e);
int record_save(struct arena *a, int dir, const struct ct_record *r, struct err *e);
/* A half-made container has no record or one without pid: both load as pid 0. */
int record_load(struct arena *a, int dir, const char *id, struct ct_record *out, struct err *e);
int record_save_config(int dir, const char *text, size_t len, struct err *e);
int record_replace_config(int dir, const char *text, size_t len, struct err *e);
int record_load_config(struct arena *a, int dir, struct oci_spec *out, struct err *e);

enum ct_status record_status(int dir, const struct ct_record *r, enum record_lock how); /* how dir was opened */
/* A pidfd of the init that is proven to be the recorded process; -ESRCH when it is gone. */
int record_pidfd(const struct ct_record *r);
/* What that init has as its "/", O_PATH; -ESRCH when it is gone. */
int record_root(const struct ct_record *r, int pidfd);
struct oci_state record_state(struct arena *a, const struct ct_record *r, enum ct_status s);
int record_namespaces(const struct ct_record *r); /* as CLONE_NEW* bits */
bool record_made_pid(const struct ct_record *r);  /* its init is the first process of a namespace */

/* The start socket: listening side before the birth, connecting side for start. */
int record_listen(int dir, struct err *e);
int record_connect(int dir, bool wait); /* -ECONNREFUSED, -ENOENT: nobody is there; -EAGAIN: not without waiting */
void record_started(int dir);
#endif
