/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/path.h"
#include "namespaces/overlay.h"
#include "namespaces/plan.h"

/* A layer that occurs twice counts where it lies highest: below, it could add nothing, and the kernel refuses it. */
static strings each_once(struct arena *a, const strings *in)
{
	const char **at = arena_array(a, in->len, sizeof(*at));
	strings out = { at, 0 };

	for (size_t i = 0; i < in->len; i++) {
		size_t k = 0;

		while (k < out.len && strcmp(at[k], in->at[i]))
			k++;
		at[k] = in->at[i];
		out.len += k == out.len;
	}
	return out;
}

static void plan_upper(struct arena *a, const struct oci_kist_root *in, const char *bundle, struct mnt_overlay *o)
{
	const char *path = path_clean(a, path_join(a, bundle, in->upper)), *slash = strrchr(path, '/');
	const char *work = strrchr(in->work, '/');

	o->dir = slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
	o->upper = slash + 1;
	o->work = work ? work + 1 : in->work;
	o->volatile_ = in->volatile_;
	for (size_t i = 0; i < o->lower.len; i++)
		o->inside |= path_is_under(path, o->lower.at[i]);
}

static int plan_idmap(const struct oci_linux *l, const struct mnt_host *host, struct mnt_plan *p, struct err *e)
{
	if (!host->privileged)
		return err_set(e, EPERM, "kist.root.idmap: only root can make idmapped mounts");
	p->root_uid = ns_map_id(&l->uid_mappings, 0);
	p->root_gid = ns_map_id(&l->gid_mappings, 0);
	if (p->root_uid == UINT32_MAX || p->root_gid == UINT32_MAX)
		return err_set(e, EINVAL, "kist.root.idmap: linux.uidMappings and linux.gidMappings must give the container's root (0) a place");
	p->root_idmap = true;
	return 0;
}

int mnt_plan_overlay(struct arena *a, const struct oci_spec *spec, const struct mnt_config *c, const struct mnt_host *host,
		     struct mnt_plan *p, struct err *e)
{
	static const struct oci_linux none = { 0 };
	const struct oci_linux *l = spec->linux_ ? spec->linux_ : &none;
	const struct oci_kist_root *in = spec->kist ? spec->kist->root : NULL;
	struct mnt_overlay *o = &p->overlay;

	if (!in)
		return 0;
	o->lower = each_once(a, &in->lower);
	if (o->lower.len > MNT_LAYERS)
		return err_set(e, E2BIG, "kist.root.lower: %zu layers, but Linux takes at most %d", o->lower.len, MNT_LAYERS);
	if (in->upper)
		plan_upper(a, in, c->bundle, o);
	o->user_xattrs = !host->privileged;
	o->no_devices = c->namespaces & CLONE_NEWUSER;
	o->label = l->mount_label && *l->mount_label ? l->mount_label : NULL;
	return in->idmap ? plan_idmap(l, host, p, e) : 0;
}

void mnt_explain_overlay(const struct mnt_overlay *o, struct text *out)
{
	if (!o->lower.len)
		return;
	for (size_t i = 0; i < o->lower.len; i++)
		text_add(out, "layer: %s\n", o->lower.at[i]);
	if (o->dir)
		text_add(out, "upper: %s/%s, work %s%s%s\n", o->dir[1] ? o->dir : "", o->upper, o->work, o->volatile_ ? ", volatile" : "",
			 o->inside ? ", inside of a layer" : "");
}
