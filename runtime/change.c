/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update: what was asked goes over what is kept, and from there to the kernel; then it is kept: nothing is that was not
 * applied.
 */
#include "runtime/change.h"

#include <errno.h>

#include "runtime/bandwidth.h"
#include "runtime/update.h"

int change_document(struct arena *a, const struct ct_change *x, struct oci_spec *spec, struct err *e)
{
	struct update u;

	if (x->resources) {
		update_plan(a, x->resources, spec, &u);
		update_keep(a, &u, spec);
	}
	return x->bandwidth ? bandwidth_keep(a, x->bandwidth, spec, e) : 0;
}

static int change_resources(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, const struct oci_spec *spec,
			    struct err *e)
{
	struct update u;
	int r;

	if (!x->resources)
		return 0;
	r = known_needs_cgroup(k, e);
	if (r)
		return r;
	update_plan(c->arena, x->resources, spec, &u);
	return update_apply(c, k, &u, e);
}

/* All of it or, after a failure, nothing. */
static int change_running(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, const struct oci_spec *before,
			  const struct oci_spec *after, struct err *e)
{
	int r = x->bandwidth ? bandwidth_apply(c, &k->rec, after->kist->bandwidth, e) : 0;

	if (r)
		return r;
	r = change_resources(c, k, x, before, e);
	if (r && x->bandwidth)
		(void)bandwidth_apply(c, &k->rec, before->kist->bandwidth, NULL);
	return r;
}

int change_known(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, struct err *e)
{
	struct oci_spec before = { 0 }, after;
	const char *text;
	size_t len;
	int r;

	if (k->status == CT_STOPPED)
		return err_set(e, ESRCH, "cannot update container %s: container not running", k->rec.id);
	r = record_load_config(c->arena, k->dir, &before, e);
	after = before;
	if (!r)
		r = change_document(c->arena, x, &after, e);
	if (!r)
		r = change_running(c, k, x, &before, &after, e);
	if (r)
		return r;
	text = oci_encode_text(c->arena, &oci_spec_object, &after, JSON_PRETTY, &len);
	return record_replace_config(k->dir, text, len, e);
}

int ct_update(const struct ct_ctx *c, const char *id, const struct ct_change *x, struct err *e)
{
	auto_known k = KNOWN_NONE;
	int r = known_open(c, id, RECORD_CHANGE, &k, e);

	return r ? r : change_known(c, &k, x, e);
}
