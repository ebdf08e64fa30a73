/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_INSTANCE_H
#define INSTANCES_INSTANCE_H
/*
 * Instances: containers with a name that last.  instances/NAME in the data directory is a bundle, whose config.json is
 * the composed document; what runs is a container with that name as its id, so that every verb works on it.
 *
 * While somebody makes an instance or waits for its end, that process holds the lock of its directory: one that is to
 * be removed at its end, is not running and is not locked was left behind by a crash.
 */
#include "instances/facts.h"
#include "storage/store.h"

struct inst {
	struct arena *a;
	struct st_store store;
	const char *name, *path; /* the bundle; NULL as long as there is none */
	int dir;		 /* locked */
	uint32_t ids; /* the first of its range; 0: the host's own */
	struct oci_spec spec;
	const char *text; /* config.json */
	size_t len;
	strings new_volumes; /* made for it */
	bool kept;
};
#define INST_NONE { .store = ST_NONE, .dir = -1 }
void inst_done(struct inst *i); /* of one that is being made and was not kept: removes it and its volumes, too */
#define auto_inst __attribute__((cleanup(inst_done))) struct inst

/* From the request to the directory.  With q->dry only i->spec, i->name and i->text. */
int inst_make(const struct ct_ctx *c, const char *data, const struct inst_request *q, struct inst *out, struct err *e);

/* -ENOENT without a sentence: no such instance (or no data directory at all). */
int inst_open(struct arena *a, const char *data, const char *name, struct inst *out, struct err *e);
/* The same of one whose document may be unreadable; i->spec is then empty, and so is i->ids. */
int inst_open_any(struct arena *a, const char *data, const char *name, struct inst *out, struct err *e);
bool inst_is_locked(const struct inst *i); /* somebody else waits for its end; else it is ours now */
/* The same of one that may just have ended: who waited for that has two seconds to write down how.  False: still not ours. */
bool inst_lock(const struct inst *i);
/* Its record is kept where the caller looks: no record there says nothing of an instance whose record would be elsewhere. */
bool inst_is_of_root(const struct ct_ctx *c, const struct inst *i);
/* Of one without a running container: from here on nobody else makes, starts, changes or removes it. */
int inst_claim(const struct ct_ctx *c, const struct inst *i, struct err *e);

/* Its document as it is now: what was read before nobody else could change it may be older. */
int inst_reload(struct inst *i, struct err *e);
/*
 * Its document as i->spec has become: written beside the old one, so that nothing can fail after what it says has been done; then put in
 * its place, or thrown away.  The caller holds its claim, or the record of its running container.
 */
int inst_rewrite(struct inst *i, struct err *e);
int inst_rewritten(const struct inst *i, struct err *e);
void inst_not_rewritten(const struct inst *i);
/* Its directory, ids and everything but named volumes; its container must be gone. */
int inst_remove(struct inst *i, struct err *e);

/* What asks it to end; "TERM" for everything that says nothing else, also where there is no instance (INST_NONE). */
const char *inst_stop_signal(const struct inst *i);
/* Sorted; none when there is no data directory. */
int inst_list(struct arena *a, const char *data, strings *out, struct err *e);
/* Which instance uses which named volume.  True as long as the caller holds the lock; who makes instances shares it. */
#define INST_VOLUMES_LOCK "volumes"
struct inst_use {
	const char *volume, *instance;
};
typedef LIST_OF(struct inst_use) inst_uses;
int inst_volume_uses(struct arena *a, const char *data, inst_uses *out, struct err *e);
#endif
