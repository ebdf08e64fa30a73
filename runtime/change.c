/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update: what was asked goes over what is kept, and from there to the kernel; then it is kept: nothing is that was not
 * applied.  Networks and ports can be refused before anything changes, limits while they are applied: the latter stand
 * between the two.
 */
#include "runtime/change.h"

#include <errno.h>

#include "base/log.h"
#include "runtime/bandwidth.h"
#include "runtime/files.h"
#include "runtime/network.h"
#include "runtime/update.h"

int change_document(struct arena *a, const char *id, const struct ct_change *x, struct oci_spec *spec, struct net_plan *net, struct err *e)
{
	struct update u;
	int r;

	if (x->resources) {
		update_plan(a, x->resources, spec, &u);
		update_keep(a, &u, spec);
	}
	r = x->bandwidth ? bandwidth_keep(a, x->bandwidth, spec, e) : 0;
	if (!r && !net_edit_is_empty(&x->net))
		r = net_edit(a, &x->net, spec, net, e);
	return r ? err_in(e, r, "container %s", id) : 0;
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

static int change_rest(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, const struct oci_spec *before,
		       const struct net_plan *net, struct err *e)
{
	auto_network_change n = NETWORK_CHANGE_NONE;
	struct err said = { 0 };
	int r = net_edit_is_empty(&x->net) ? 0 : network_change_begin(c, k, net, &n, e);

	if (!r)
		r = change_resources(c, k, x, before, e);
	if (r || !n.begun)
		return r;
	r = network_change_do(&n, e);
	/* What has been done is not undone for the sake of names. */
	if (!r && files_follow(c, &k->rec, before, net, &said) < 0)
		log_warn("%s", said.msg);
	return r;
}

/* All of it or, after a failure, nothing. */
static int change_running(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, const struct oci_spec *before,
			  const struct oci_spec *after, const struct net_plan *net, struct err *e)
{
	int r = x->bandwidth ? bandwidth_apply(c, &k->rec, after->kist->bandwidth, e) : 0;

	if (r)
		return r;
	r = change_rest(c, k, x, before, net, e);
	if (r && x->bandwidth)
		(void)bandwidth_apply(c, &k->rec, before->kist->bandwidth, NULL);
	return r;
}

int change_base(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, struct oci_spec *spec, struct err *e)
{
	int r = record_load_config(c->arena, k->dir, spec, e);

	return r || net_edit_is_empty(&x->net) ? r : network_truth(c->arena, k, spec, e);
}

int change_known(const struct ct_ctx *c, const struct known *k, const struct ct_change *x, struct err *e)
{
	struct oci_spec before = { 0 }, after;
	struct net_plan net;
	const char *text;
	size_t len;
	int r;

	if (k->status == CT_STOPPED)
		return err_set(e, ESRCH, "cannot update container %s: container not running", k->rec.id);
	r = change_base(c, k, x, &before, e);
	after = before;
	if (!r)
		r = change_document(c->arena, k->rec.id, x, &after, &net, e);
	if (!r)
		r = change_running(c, k, x, &before, &after, &net, e);
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
