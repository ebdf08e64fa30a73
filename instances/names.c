/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/names.h"

#include <errno.h>
#include <string.h>

#include "net/plan.h"
#include "net/resolver.h"

static bool is_given_name(const char *s)
{
	auto_arena a = { 0 };
	struct net_given g;

	return net_given_parse(&a, s, &g);
}

static bool is_address(const char *s)
{
	struct net_ip ip;

	return net_ip_parse(s, &ip);
}

/* Where an option means something, and what its values are. */
static int judge(const struct inst_options *o, const struct inst_network *n, struct err *e)
{
	const bool alone = !n->host && !n->of && !n->networks.len;
	const struct {
		const char *option, *expected;
		const strings *given;
		bool (*is)(const char *s);
		const char *why_not;
	} rows[] = {
		{ "add-host", "NAME:ADDRESS or NAME:host-gateway", &o->hosts, is_given_name, n->host ? "with --network host its names are the host's" : NULL },
		{ "dns", "an address", &o->servers, is_address, alone ? "without a network there is nobody to ask" : NULL },
		{ "dns-search", "a domain", &o->search, net_is_search, alone ? "without a network there is nobody to ask" : NULL },
		{ "dns-option", "an option such as ndots:2", &o->resolver, net_is_resolver_option, alone ? "without a network there is nobody to ask" : NULL },
		{ "network-alias", "the name of a host", &o->aliases, oci_is_host_name, n->networks.len ? NULL : "the instance has no network of its own" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].given->len && n->of)
			return err_set(e, EINVAL, "option --%s: with --network container:%s its names are that one's", rows[i].option, n->of);
		if (rows[i].given->len && rows[i].why_not)
			return err_set(e, EINVAL, "option --%s: %s", rows[i].option, rows[i].why_not);
		for (size_t k = 0; k < rows[i].given->len; k++)
			if (!rows[i].is(rows[i].given->at[k]))
				return err_set(e, EINVAL, "option --%s \"%s\": expected %s", rows[i].option, rows[i].given->at[k], rows[i].expected);
	}
	return 0;
}

int inst_names_judge(struct arena *a, const struct inst_options *o, struct inst_network *n, struct err *e)
{
	int r = judge(o, n, e);

	for (size_t i = 0; i < n->networks.len && o->aliases.len && !r; i++) {
		struct oci_kist_network *at = &n->networks.at[i];
		struct strv v = { .arena = a };

		for (size_t k = 0; k < at->aliases.len; k++)
			strv_add(&v, at->aliases.at[k]);
		for (size_t k = 0; k < o->aliases.len; k++)
			strv_add(&v, o->aliases.at[k]);
		at->aliases = (strings){ v.at, v.len };
	}
	return r;
}

/* The host's own network has the host's files, unless something else was asked for. */
const struct oci_kist_names *inst_names_asked(struct arena *a, const struct inst_options *o, const struct inst_network *n)
{
	struct oci_kist_names *k = arena_alloc(a, sizeof(*k));

	*k = (struct oci_kist_names){ .hosts = !n->host, .hostname = true, .add = o->hosts, .servers = o->servers, .search = o->search,
				      .options = o->resolver };
	k->resolver = !n->host || o->servers.len + o->search.len + o->resolver.len;
	return k;
}

inst_etc_files inst_names_files(struct arena *a, const struct inst_options *o, const struct inst_network *n)
{
	const struct oci_kist_names *k = inst_names_asked(a, o, n);
	const struct {
		const char *target, *name;
		bool made;
	} rows[] = {
		{ "/etc/hosts", "hosts", k->hosts },
		{ "/etc/hostname", "hostname", k->hostname },
		{ "/etc/resolv.conf", "resolv.conf", k->resolver },
	};
	inst_etc_files l = { arena_array(a, sizeof(rows) / sizeof(rows[0]), sizeof(*l.at)), 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].made || n->host)
			l.at[l.len++] = (struct inst_etc_file){ rows[i].target, rows[i].made ? rows[i].name : rows[i].target };
	return l;
}

strings inst_names_places(struct arena *a, const struct oci_spec *spec)
{
	struct strv v = { .arena = a };

	for (size_t i = 0; i < spec->mounts.len; i++)
		if (text_starts(spec->mounts.at[i].destination, "/etc/") && spec->mounts.at[i].source && !strchr(spec->mounts.at[i].source, '/'))
			strv_add(&v, spec->mounts.at[i].destination + 1);
	return (strings){ v.at, v.len };
}
