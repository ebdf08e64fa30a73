/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of net_plan(): the files that kist makes. */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "net/plan.h"
#include "net/resolver.h"

/* NAME:ADDRESS; an address of IPv6 has colons, too. */
bool net_given_parse(struct arena *a, const char *text, struct net_given *out)
{
	const char *colon = strchr(text, ':');
	struct net_given g = { .ip.family = 0 };

	if (!colon)
		return false;
	g.name = arena_strndup(a, text, (size_t)(colon - text));
	if (!oci_is_host_name(g.name) || (strcmp(colon + 1, "host-gateway") && !net_ip_parse(colon + 1, &g.ip)))
		return false;
	*out = g;
	return true;
}

static bool is_address(const char *s)
{
	struct net_ip ip;

	return net_ip_parse(s, &ip);
}

static int plan_words(const struct oci_kist_names *n, struct err *e)
{
	const struct {
		const char *key, *what;
		const strings *words;
		bool (*is)(const char *s);
	} rows[] = {
		{ "servers", "an address", &n->servers, is_address },
		{ "search", "a domain", &n->search, net_is_search },
		{ "options", "an option of resolv.conf", &n->options, net_is_resolver_option },
	};

	char shown[JSON_SHOWN];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < rows[i].words->len; k++)
			if (!rows[i].is(rows[i].words->at[k]))
				return err_set(e, EINVAL, "kist.names.%s: \"%s\" is not %s", rows[i].key, json_shown(shown, rows[i].words->at[k]),
					       rows[i].what);
	return 0;
}

static bool has_netns(const struct oci_spec *spec)
{
	for (size_t i = 0; spec->linux_ && i < spec->linux_->namespaces.len; i++)
		if (spec->linux_->namespaces.at[i].type == CLONE_NEWNET)
			return true;
	return false;
}

int net_plan_etc(struct arena *a, const struct oci_spec *spec, const struct net_host *host, struct net_etc *out, struct err *e)
{
	const struct oci_kist_names *n = spec->kist ? spec->kist->names : NULL;
	const char *name = spec->hostname && *spec->hostname ? spec->hostname : NULL;
	char shown[JSON_SHOWN];

	*out = (struct net_etc){ .name = name };
	if (!n)
		return 0;
	if (!host->privileged)
		return err_set(e, EPERM, "kist.names: only instances have files that kist makes, and only root has instances");
	if (name && name[strcspn(name, " \t\r\n#")])
		return err_set(e, EINVAL, "hostname: a blank, a newline or a # would make another line of the files that kist.names asks for");
	*out = (struct net_etc){ .hosts = n->hosts, .hostname = n->hostname, .resolver = n->resolver, .name = name,
				 .of = spec->kist->network_of, .loopback = !has_netns(spec), .asked = n };
	out->given.at = arena_array(a, n->add.len, sizeof(*out->given.at));
	for (size_t i = 0; i < n->add.len; i++)
		if (!net_given_parse(a, n->add.at[i], &out->given.at[out->given.len++]))
			return err_set(e, EINVAL, "kist.names.add: \"%s\" is not NAME:ADDRESS or NAME:host-gateway",
				       json_shown(shown, n->add.at[i]));
	return plan_words(n, e);
}

static void explain_words(const char *what, const strings *words, struct text *out)
{
	for (size_t i = 0; i < words->len; i++)
		text_add(out, "%s %s", i ? "" : what, words->at[i]);
}

void net_explain_etc(const struct net_etc *t, struct text *out)
{
	if (!t->asked)
		return;
	text_add(out, "files made:%s%s%s\n", t->hosts ? " hosts" : "", t->hostname ? " hostname" : "", t->resolver ? " resolv.conf" : "");
	for (size_t i = 0; i < t->given.len; i++)
		text_add(out, "name: %s is %s\n", t->given.at[i].name,
			 t->given.at[i].ip.family ? net_ip_text(out->arena, &t->given.at[i].ip) : "the gateway");
	if (t->asked->servers.len + t->asked->search.len + t->asked->options.len)
		text_add(out, "resolver:");
	explain_words(" nameserver", &t->asked->servers, out);
	explain_words(" search", &t->asked->search, out);
	explain_words(" options", &t->asked->options, out);
	if (t->asked->servers.len + t->asked->search.len + t->asked->options.len)
		text_add(out, "\n");
}
