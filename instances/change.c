/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/change.h"

#include <errno.h>
#include <string.h>

#include "instances/instance.h"
#include "net/network.h"
#include "net/plan.h"
#include "runtime/change.h"

/* What is changed is what it has now. */
static int take_over(const struct ct_ctx *c, struct inst *i, const struct known *running, const struct ct_change *x, struct err *e)
{
	struct oci_kist *k = arena_alloc(i->a, sizeof(*k));
	struct oci_spec now = { 0 };
	int r = change_base(c, running, x, &now, e);

	if (r || !now.kist || net_edit_is_empty(&x->net))
		return r;
	if (i->spec.kist)
		*k = *i->spec.kist;
	k->networks = now.kist->networks;
	k->ports = now.kist->ports;
	i->spec.kist = k;
	return 0;
}

/* One that does not run would find out only when it starts.  The network of those who say nothing is made on first use. */
static int find_network(const struct inst *i, const struct ct_change *x, struct err *e)
{
	const char *name = x->net.connect ? x->net.connect->name : NET_DEFAULT;
	struct net_network n;

	return strcmp(name, NET_DEFAULT) != 0 ? net_network_read(i->a, i->store.dir, name, &n, e) : 0;
}

/* Killed before the last step the container has what its next start will not have: nobody was told that it would. */
static int change(const struct ct_ctx *c, struct inst *i, const struct known *running, const struct ct_change *x, struct err *e)
{
	struct net_plan net;
	int r = running ? 0 : inst_claim(c, i, e);

	if (!r)
		r = inst_reload(i, e);
	if (!r)
		r = running ? take_over(c, i, running, x, e) : find_network(i, x, e);
	if (!r)
		r = change_document(i->a, i->name, x, &i->spec, &net, e);
	if (!r)
		r = inst_rewrite(i, e);
	if (r)
		return r;
	if (running)
		r = change_known(c, running, x, e);
	if (!r)
		return inst_rewritten(i, e);
	inst_not_rewritten(i);
	return r;
}

int inst_update(const struct ct_ctx *c, const char *data, const char *id, const struct ct_change *x, struct err *e)
{
	auto_inst i = INST_NONE;
	auto_known k = KNOWN_NONE;
	struct err said = { 0 };
	int r = known_open(c, id, RECORD_CHANGE, &k, &said);
	int found = r && r != -ENOENT ? r : inst_open(c->arena, data, id, &i, e);

	if (!r && (found == -ENOENT || (!found && strcmp(k.rec.bundle, i.path) != 0)))
		return change_known(c, &k, x, e); /* no instance's */
	if (!found)
		return change(c, &i, !r && k.status != CT_STOPPED ? &k : NULL, x, e);
	if (r && found == r && e)
		*e = said;
	return found;
}
