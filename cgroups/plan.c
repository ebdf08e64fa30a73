/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/plan.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

static bool has_dotdot(const char *path)
{
	for (const char *p = strstr(path, ".."); p; p = strstr(p + 1, ".."))
		if ((p == path || p[-1] == '/') && (!p[2] || p[2] == '/'))
			return true;
	return false;
}

static int place(struct arena *a, const char *asked, const char *id, const struct cg_host *host, struct cg_plan *p, struct err *e)
{
	if (asked && has_dotdot(asked))
		return err_set(e, EINVAL, "linux.cgroupsPath \"%s\" must not contain \"..\"", asked);
	if (asked && *asked && strchr(asked, ':') && !strchr(asked, '/'))
		return err_set(e, EINVAL,
			       "linux.cgroupsPath \"%s\" has the form slice:prefix:name of the systemd cgroup manager, "
			       "but the cgroupfs manager is in use",
			       asked);
	if (!asked || !*asked)
		asked = arena_printf(a, "kist-%s", id);
	/* Relative: an unprivileged user may own the cgroup that the session was started in. */
	p->path = path_clean(a, path_join(a, host->privileged ? "/" : host->own, asked));
	p->optional = !host->privileged;
	if (!strcmp(p->path, "/"))
		return err_set(e, EINVAL, "linux.cgroupsPath \"%s\" is the root cgroup, which cannot be a container's", asked);
	return 0;
}

static const char *controller(struct arena *a, const char *file)
{
	return arena_strndup(a, file, strcspn(file, "."));
}

bool cg_has_controller(const struct cg_host *host, const char *name)
{
	return text_has_word(host->controllers, name);
}

static int check_limit(struct arena *a, const struct cg_limit *l, const struct cg_host *host, struct err *e)
{
	const char *name = controller(a, l->file);

	if (cg_has_controller(host, name))
		return 0;
	return err_set(e, ENOTSUP,
		       "%s (%s = %s): cgroup v2 at %s has no \"%s\" controller, so the limit cannot be applied; on a hybrid host it is "
		       "bound to cgroup v1 (boot with systemd.unified_cgroup_hierarchy=1 or cgroup_no_v1=%s, or remove the limit)",
		       l->from, l->file, l->value, host->mount, name, name);
}

bool cg_wants_limits(const struct oci_resources *r)
{
	return r && (r->memory || r->cpu || r->pids || r->block_io || r->hugepages.len || r->rdma.len || r->unified.len);
}

/* Delegate=yes enables these down to the scope; of the others systemd knows nothing, and lets them be. */
static const char systemd_enables[] = "cpu cpuset io memory pids";

static int check_limits(struct arena *a, struct cg_plan *p, const struct cg_host *host, bool scope, struct err *e)
{
	struct text need = { .arena = a };

	for (size_t i = 0; i < p->limits.len; i++) {
		const char *name = controller(a, p->limits.at[i].file), *word = arena_printf(a, "+%s", name);
		int r = check_limit(a, &p->limits.at[i], host, e);

		if (r)
			return r;
		if (!text_has_word(text_str(&need), word) && !(scope && text_has_word(systemd_enables, name)))
			text_add(&need, "%s%s", need.len ? " " : "", word);
	}
	if (need.len)
		p->controllers = text_str(&need);
	return 0;
}

int cg_plan_update(struct arena *a, const struct oci_resources *res, const struct cg_where *at, const struct cg_host *host,
		   struct cg_plan *out, struct err *e)
{
	struct cg_plan p = { .path = at->path };
	int r = cg_limits(a, res, &p, e);

	if (!r && host->privileged)
		r = cg_device_rules_of(a, res, &p.devices, e);
	if (!r)
		r = check_limits(a, &p, host, at->scope, e);
	if (!r)
		*out = p;
	return r;
}

static bool names(const struct cg_plan *p, const char *file)
{
	size_t n = strcspn(file, ".") + 1;

	for (size_t i = 0; i < p->limits.len; i++)
		if (!strncmp(p->limits.at[i].file, file, n))
			return true;
	return false;
}

void cg_plan_keep(struct cg_plan *p, const struct cg_plan *named)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->limits.len; i++)
		if (names(named, p->limits.at[i].file))
			p->limits.at[kept++] = p->limits.at[i];
	p->limits.len = kept;
}

static int check_manager(const struct cg_plan *p, enum cg_manager manager, const struct cg_host *host, struct err *e)
{
	const struct cg_limit *first = p->limits.at;

	if (p->limits.len && manager == CG_DISABLED)
		return err_set(e, EINVAL, "%s: limits need a cgroup, but --cgroup-manager disabled is in use", first->from);
	if (p->limits.len && !host->mount)
		return err_set(e, ENOTSUP, "%s: no cgroup v2 hierarchy is mounted on this host, so no limit can be applied", first->from);
	if (manager == CG_SYSTEMD && !host->mount)
		return err_set(e, ENOTSUP, "the systemd cgroup manager needs cgroup v2, which is not mounted on this host; use --cgroup-manager cgroupfs");
	return 0;
}

static int find_place(struct arena *a, const struct oci_linux *l, const pairs *annotations, const char *id, enum cg_manager manager,
		      const struct cg_host *host, struct cg_plan *p, struct err *e)
{
	const char *asked = l ? l->cgroups_path : NULL;
	int r;

	if (manager == CG_DISABLED || !host->mount)
		return 0;
	if (manager == CG_CGROUPFS)
		return place(a, asked, id, host, p, e);
	r = cg_unit_plan(a, asked, id, !host->privileged, &p->unit, e);
	if (r)
		return r;
	cg_unit_limits(a, l ? l->resources : NULL, &p->unit);
	return cg_unit_annotations(a, annotations, &p->unit, e);
}

int cg_plan(struct arena *a, const struct oci_spec *spec, const char *id, enum cg_manager manager, const struct cg_host *host,
	    struct cg_plan *out, struct err *e)
{
	const struct oci_linux *l = spec->linux_;
	const struct oci_resources *res = l ? l->resources : NULL;
	struct cg_plan p = { 0 };
	int r = cg_limits(a, res, &p, e);

	/* Nobody but root may load the program, and nobody else can make or open a device that root did not hand out. */
	if (!r && host->privileged && manager != CG_DISABLED && host->mount)
		r = cg_device_rules_of(a, res, &p.devices, e);
	if (!r)
		r = check_manager(&p, manager, host, e);
	if (!r)
		r = find_place(a, l, &spec->annotations, id, manager, host, &p, e);
	if (!r)
		r = check_limits(a, &p, host, p.unit.name, e);
	p.optional &= !p.limits.len;
	if (!r)
		*out = p;
	return r;
}

static void explain_rule(const struct cg_device_rule *r, struct text *out)
{
	static const char types[] = "?bca";

	text_add(out, "device rule: %s %c ", r->allow ? "allow" : "deny", types[r->type]);
	if (r->major < 0)
		text_add(out, "*:");
	else
		text_add(out, "%lld:", (long long)r->major);
	if (r->minor < 0)
		text_add(out, "*");
	else
		text_add(out, "%lld", (long long)r->minor);
	text_add(out, " %s%s%s\n", r->access & CG_DEV_READ ? "r" : "", r->access & CG_DEV_WRITE ? "w" : "",
		 r->access & CG_DEV_MKNOD ? "m" : "");
}

void cg_explain(const struct cg_plan *p, struct text *out)
{
	if (p->unit.name)
		cg_unit_explain(&p->unit, out);
	else if (p->path)
		text_add(out, "cgroup: %s%s\n", p->path, p->optional ? ", if permitted" : "");
	else
		text_add(out, "cgroup: none\n");
	if (p->owner)
		text_add(out, "cgroup owner: %u\n", p->owner);
	if (p->controllers)
		text_add(out, "cgroup controllers: %s\n", p->controllers);
	for (size_t i = 0; i < p->limits.len; i++)
		text_add(out, "cgroup limit: %s = %s%s\n", p->limits.at[i].file, p->limits.at[i].value,
			 p->limits.at[i].pardon ? ", if the kernel takes it" : "");
	for (size_t i = 0; i < p->devices.len; i++)
		explain_rule(&p->devices.at[i], out);
}
