/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/bandwidth.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "net/bandwidth.h"
#include "runtime/network.h"

static const char *over(const char *asked, const char *had)
{
	return !asked ? had : !strcmp(asked, CT_UNLIMITED) ? NULL : asked;
}

int bandwidth_keep(struct arena *a, const struct oci_kist_bandwidth *asked, struct oci_spec *spec, struct err *e)
{
	static const struct oci_kist_bandwidth unlimited = { 0 };
	const struct oci_kist *had = spec->kist;
	const struct oci_kist_bandwidth *old = had && had->bandwidth ? had->bandwidth : &unlimited;
	struct oci_kist_bandwidth *b = arena_alloc(a, sizeof(*b));
	struct oci_kist *k = arena_alloc(a, sizeof(*k));
	struct net_limits limits;

	if (!had || !had->networks.len)
		return err_set(e, EINVAL, "kist.bandwidth: without a network of its own there is nothing to limit");
	*b = (struct oci_kist_bandwidth){ over(asked->in, old->in), over(asked->out, old->out) };
	*k = *had;
	k->bandwidth = b;
	spec->kist = k;
	return net_limits_judge(b, &limits, e);
}

int bandwidth_apply(const struct ct_ctx *c, const struct ct_record *r, const struct oci_kist_bandwidth *want, struct err *e)
{
	auto_store store = ST_NONE;
	auto_fd lock = network_lock(c->arena, r->data, &store, e);

	return lock < 0 ? lock : net_limits_change(c->arena, store.dir, r->id, want, e);
}

int ct_bandwidth(const struct ct_ctx *c, const char *id, struct net_flows *out, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_READ, e);
	auto_store store = ST_NONE;
	struct ct_record rec;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	if (r || !rec.data)
		return r ? r : 1;
	r = st_open(c->arena, rec.data, false, &store, e);
	return r ? r : net_limits_read(c->arena, store.dir, id, out, e);
}
