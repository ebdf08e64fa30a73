/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/edit.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "net/lease.h"
#include "net/plan.h"

bool net_edit_is_empty(const struct net_edit *x)
{
	return !x->connect && !x->disconnect && !x->publish.len && !x->unpublish.len;
}

static bool has_own_namespace(const struct oci_spec *s)
{
	const struct oci_linux *l = s->linux_;

	for (size_t i = 0; l && i < l->namespaces.len; i++)
		if (l->namespaces.at[i].type == CLONE_NEWNET)
			return !l->namespaces.at[i].path || !*l->namespaces.at[i].path;
	return false;
}

static int refuse_foreign(const struct oci_spec *s, struct err *e)
{
	if (s->kist && s->kist->network_of)
		return err_set(e, EINVAL, "it shares the network of container %s: change that of that one", s->kist->network_of);
	if (!has_own_namespace(s))
		return err_set(e, EINVAL, "it has the host's network, or one that was made elsewhere: kist changes only what it has made");
	return 0;
}

static int plan(struct arena *a, const struct oci_spec *s, struct net_plan *out, struct err *e)
{
	static const struct net_host host = { .privileged = true, .made = true };

	return net_plan(a, s, &host, out, e);
}

/* The names are those of the plan, which counts: with a network less it would count otherwise. */
static void name_interfaces(struct oci_kist *k, const struct net_plan *p)
{
	for (size_t i = 0; i < k->networks.len; i++)
		k->networks.at[i].interface = p->wishes.at[i].interface;
}

static size_t find_network(const struct oci_kist *k, const char *name)
{
	size_t i = 0;

	while (i < k->networks.len && strcmp(k->networks.at[i].name, name) != 0)
		i++;
	return i;
}

static int edit_networks(const struct net_edit *x, struct oci_kist *k, struct err *e)
{
	if (x->disconnect) {
		size_t i = find_network(k, x->disconnect);

		if (i == k->networks.len)
			return err_set(e, ENOENT, "it is not in the network %s", x->disconnect);
		k->networks.len--;
		memmove(&k->networks.at[i], &k->networks.at[i + 1], (k->networks.len - i) * sizeof(k->networks.at[0]));
	}
	if (x->connect && find_network(k, x->connect->name) < k->networks.len)
		return err_set(e, EEXIST, "it is in the network %s already", x->connect->name);
	if (x->connect)
		k->networks.at[k->networks.len++] = *x->connect;
	return 0;
}

void net_edit_truth(struct arena *a, const struct net_record *r, struct oci_spec *spec)
{
	static const struct oci_kist nothing;
	const struct oci_kist *had = spec->kist ? spec->kist : &nothing;
	struct oci_kist *k = arena_alloc(a, sizeof(*k));

	*k = *had;
	k->ports.at = r->ports.at;
	k->ports.len = r->ports.len;
	k->networks.at = arena_array(a, r->networks.len, sizeof(k->networks.at[0]));
	k->networks.len = 0;
	for (size_t i = 0; i < r->networks.len; i++) {
		const struct net_attachment *t = &r->networks.at[i];
		size_t at = find_network(had, t->network);
		struct oci_kist_network n = { .name = t->network, .aliases = t->aliases };

		if (t->unfinished)
			continue;
		if (at < had->networks.len)
			n = had->networks.at[at];
		n.interface = t->interface;
		k->networks.at[k->networks.len++] = n;
	}
	spec->kist = k;
}

static int withdraw(const struct oci_kist_port *p, struct oci_kist *k, struct err *e)
{
	for (size_t i = 0; i < k->ports.len; i++) {
		if (!net_published_same(&k->ports.at[i], p))
			continue;
		k->ports.len--;
		memmove(&k->ports.at[i], &k->ports.at[i + 1], (k->ports.len - i) * sizeof(k->ports.at[0]));
		return 0;
	}
	return err_set(e, ENOENT, "%s port %u of the host%s%s does not lead to it as one that was published so",
		       word_name(oci_protocol_words, p->protocol), p->host, p->address ? " at " : "", p->address ? p->address : "");
}

static int edit_ports(const struct net_edit *x, struct oci_kist *k, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < x->unpublish.len && !r; i++)
		r = withdraw(&x->unpublish.at[i], k, e);
	for (size_t i = 0; i < x->publish.len && !r; i++)
		k->ports.at[k->ports.len++] = x->publish.at[i];
	return r;
}

/* Lists of its own, with room for what comes; the caller's document is not touched. */
static struct oci_kist *copy(struct arena *a, const struct net_edit *x, const struct oci_kist *had, const struct net_plan *before)
{
	struct oci_kist *k = arena_alloc(a, sizeof(*k));

	if (had)
		*k = *had;
	k->networks.at = arena_array(a, k->networks.len + 1, sizeof(k->networks.at[0]));
	if (k->networks.len)
		memcpy(k->networks.at, had->networks.at, k->networks.len * sizeof(k->networks.at[0]));
	k->ports.at = arena_array(a, before->ports.len + x->publish.len, sizeof(k->ports.at[0]));
	k->ports.len = before->ports.len;
	if (k->ports.len)
		memcpy(k->ports.at, before->ports.at, k->ports.len * sizeof(k->ports.at[0]));
	return k;
}

int net_edit(struct arena *a, const struct net_edit *x, struct oci_spec *spec, struct net_plan *out, struct err *e)
{
	struct oci_spec edited = *spec;
	struct oci_kist *k;
	struct net_plan p;
	int r = refuse_foreign(spec, e);

	if (!r)
		r = plan(a, spec, &p, e);
	if (r)
		return r;
	edited.kist = k = copy(a, x, spec->kist, &p);
	name_interfaces(k, &p);
	r = edit_networks(x, k, e);
	if (!r)
		r = edit_ports(x, k, e);
	if (!r)
		r = plan(a, &edited, &p, e);
	if (r)
		return r;
	name_interfaces(k, &p);
	*spec = edited;
	*out = p;
	return 0;
}
