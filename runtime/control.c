/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pause and resume, and how a container is found. */
#include <errno.h>

#include "base/fd.h"
#include "cgroups/control.h"
#include "runtime/known.h"

void known_done(struct known *k)
{
	fd_done(&k->dir);
}

int known_open(const struct ct_ctx *c, const char *id, enum record_lock lock, struct known *k, struct err *e)
{
	int r;

	k->dir = record_open_dir(c->root, id, lock, e);
	r = k->dir < 0 ? k->dir : record_load(c->arena, k->dir, id, &k->rec, e);
	if (r)
		return r;
	k->status = record_status(k->dir, &k->rec, lock);
	k->cgroup = record_cgroup(&k->rec);
	return 0;
}

int known_needs_cgroup(const struct known *k, struct err *e)
{
	if (k->rec.cgroup)
		return 0;
	return err_set(e, ENOTSUP, "container %s has no cgroup of its own, so it cannot be paused, limited or measured", k->rec.id);
}

int known_find(const struct ct_ctx *c, const char *id, enum record_lock lock, struct known *k, struct err *e)
{
	int r = known_open(c, id, lock, k, e);

	return r ? r : known_needs_cgroup(k, e);
}

int ct_pause(const struct ct_ctx *c, const char *id, struct err *e)
{
	auto_known k = KNOWN_NONE;
	int r = known_find(c, id, RECORD_CHANGE, &k, e);

	if (!r && k.status != CT_RUNNING && k.status != CT_CREATED)
		r = err_set(e, EBUSY, "cannot pause container %s: it is %s%s", id, ct_status_word(k.status),
			    k.status == CT_STOPPED ? ", container not running" : "");
	if (!r)
		r = cg_freeze(&k.cgroup, true, e);
	return r;
}

/* Also of a container whose init died while it was paused: what is left in it may be frozen still. */
int ct_resume(const struct ct_ctx *c, const char *id, struct err *e)
{
	auto_known k = KNOWN_NONE;
	int r = known_find(c, id, RECORD_CHANGE, &k, e);

	if (!r && !cg_frozen(&k.cgroup))
		r = err_set(e, EBUSY, "cannot resume container %s: it is %s, not paused", id, ct_status_word(k.status));
	if (!r)
		r = cg_freeze(&k.cgroup, false, e);
	return r;
}
