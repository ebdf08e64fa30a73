/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namespaces/plan.h"

#include <errno.h>
#include <string.h>

static void add_namespaces(struct arena *a, const struct oci_linux *l, const struct ns_host *host, struct ns_plan *p)
{
	int stage_kinds = 0;

	p->joins.at = arena_array(a, NS_KINDS, sizeof(*p->joins.at));
	for (size_t k = 0; k < NS_KINDS; k++)
		for (size_t i = 0; i < l->namespaces.len; i++) {
			const struct oci_namespace *n = &l->namespaces.at[i];

			if (n->type != ns_kinds[k].flag)
				continue;
			p->has |= n->type;
			if (!n->path || !*n->path) {
				p->make |= n->type;
				continue;
			}
			p->joins.at[p->joins.len++] = (struct ns_join){ &ns_kinds[k], n->path };
			stage_kinds |= ns_kinds[k].children_only ? n->type : 0;
		}
	p->stage = stage_kinds || p->make & CLONE_NEWTIME || (p->make & CLONE_NEWUSER && p->joins.len);
	if (!p->stage)
		return;
	p->stage_make = host->privileged ? 0 : p->make & CLONE_NEWUSER;
	p->stage_leave = p->make & CLONE_NEWTIME;
	p->make &= ~(p->stage_make | p->stage_leave);
}

static bool only_own_id(const oci_mappings *m, uint32_t id)
{
	return m->len == 1 && m->at[0].size == 1 && m->at[0].host == id;
}

static int plan_maps(const struct oci_linux *l, const struct ns_host *host, struct ns_plan *p, struct err *e)
{
	if (!((p->make | p->stage_make) & CLONE_NEWUSER))
		return 0;
	if (!l->uid_mappings.len || !l->gid_mappings.len)
		return err_set(e, EINVAL,
			       "linux.%sMappings is empty but a new user namespace is asked for: "
			       "without a map every id in it is the overflow id",
			       l->uid_mappings.len ? "gid" : "uid");
	p->uids = l->uid_mappings;
	p->gids = l->gid_mappings;
	if (ns_map_id(&p->uids, 0) == UINT32_MAX || ns_map_id(&p->gids, 0) == UINT32_MAX)
		return err_set(e, EINVAL, "linux.%sMappings gives id 0 no place, and the container's file system is made as its root",
			       ns_map_id(&p->uids, 0) == UINT32_MAX ? "uid" : "gid");
	p->map = NS_MAP_DIRECT;
	if (host->privileged)
		return 0;
	if (!only_own_id(&p->uids, host->uid) || !only_own_id(&p->gids, host->gid))
		p->map = NS_MAP_HELPER;
	else
		p->deny_setgroups = true; /* user_namespaces(7): else the kernel refuses our gid_map */
	return 0;
}

static int plan_sysctls(struct arena *a, const pairs *in, struct ns_plan *p, struct err *e)
{
	p->sysctls.at = arena_array(a, in->len, sizeof(*in->at));
	p->sysctls.len = in->len;
	for (size_t i = 0; i < in->len; i++) {
		char *file = arena_alloc(a, OCI_SYSCTL_MAX);

		if (!oci_sysctl_file(in->at[i].key, file, OCI_SYSCTL_MAX))
			return err_set(e, EINVAL, "linux.sysctl: \"%s\" is not the name of a setting", in->at[i].key);
		p->sysctls.at[i] = (struct pair){ file, in->at[i].value };
	}
	return 0;
}

int ns_plan(struct arena *a, const struct oci_spec *spec, const struct ns_host *host, struct ns_plan *out,
	    struct err *e)
{
	static const struct oci_linux none = { 0 };
	const struct oci_linux *l = spec->linux_ ? spec->linux_ : &none;
	struct ns_plan p = { .deny_setgroups = host->deny_setgroups };
	int r;

	add_namespaces(a, l, host, &p);
	r = plan_maps(l, host, &p, e);
	if (r)
		return r;
	if (!host->privileged && !(p.has & CLONE_NEWUSER))
		return err_set(e, EPERM,
			       "user %u cannot make a container without a user namespace: add {\"type\": \"user\"} to "
			       "linux.namespaces with uidMappings and gidMappings (\"kist spec --rootless\" writes such a "
			       "document), or run kist as root",
			       host->uid);
	p.loopback = p.make & CLONE_NEWNET;
	/* Empty is absent: without a uts namespace it would clear the host's own name. */
	p.hostname = spec->hostname && *spec->hostname ? spec->hostname : NULL;
	p.domainname = spec->domainname && *spec->domainname ? spec->domainname : NULL;
	p.offsets = l->time_offsets;
	if (p.offsets && !(p.stage_leave & CLONE_NEWTIME))
		return err_set(e, EINVAL, "linux.timeOffsets: a time namespace that is only joined has its offsets already");
	r = plan_sysctls(a, &l->sysctl, &p, e);
	if (!r)
		*out = p;
	return r;
}

uint32_t ns_map_id(const oci_mappings *m, uint32_t id)
{
	for (size_t i = 0; i < m->len; i++)
		if (id >= m->at[i].container && id - m->at[i].container < m->at[i].size)
			return m->at[i].host + (id - m->at[i].container);
	return UINT32_MAX;
}

static void explain_kinds(const char *what, int flags, struct text *out)
{
	if (!flags)
		return;
	text_add(out, "namespaces %s:", what);
	for (size_t i = 0; i < NS_KINDS; i++)
		if (flags & ns_kinds[i].flag)
			text_add(out, " %s", ns_kinds[i].word);
	text_add(out, "\n");
}

static void explain_map(const char *what, const oci_mappings *m, struct text *out)
{
	for (size_t i = 0; i < m->len; i++)
		text_add(out, "%s: %u+%u is host %u\n", what, m->at[i].container, m->at[i].size, m->at[i].host);
}

static void explain_offset(const char *what, const struct oci_time_offset *t, struct text *out)
{
	if (t)
		text_add(out, "time offset: %s %+lld s %u ns\n", what, (long long)(t->secs ? *t->secs : 0),
			 t->nanosecs ? *t->nanosecs : 0);
}

void ns_explain(const struct ns_plan *p, struct text *out)
{
	static const char *const how[] = { "none", "written directly", "written by newuidmap and newgidmap" };

	if (p->stage)
		text_add(out, "stage process: before the init\n");
	explain_kinds("made by the stage process", p->stage_make | p->stage_leave, out);
	for (size_t i = 0; i < p->joins.len; i++)
		text_add(out, "namespace joined: %s %s\n", p->joins.at[i].kind->word, p->joins.at[i].path);
	explain_kinds("made", p->make, out);
	if (p->map)
		text_add(out, "id maps: %s%s\n", how[p->map], p->deny_setgroups ? ", setgroups denied" : "");
	explain_map("uid map", &p->uids, out);
	explain_map("gid map", &p->gids, out);
	if (p->hostname)
		text_add(out, "hostname: %s\n", p->hostname);
	if (p->domainname)
		text_add(out, "domainname: %s\n", p->domainname);
	if (p->loopback)
		text_add(out, "loopback: up\n");
	if (p->offsets) {
		explain_offset("boottime", p->offsets->boottime, out);
		explain_offset("monotonic", p->offsets->monotonic, out);
	}
	for (size_t i = 0; i < p->sysctls.len; i++)
		text_add(out, "sysctl: %s = %s\n", p->sysctls.at[i].key, p->sysctls.at[i].value);
}
