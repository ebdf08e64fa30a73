/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/plan.h"

#include <errno.h>
#include <string.h>
#include <linux/mount.h>

#include "base/path.h"

static int check_id_maps(const struct process_place *w, const struct process_plan *p, struct err *e)
{
	if (!w->userns || !w->uids->len)
		return 0;
	if (ns_map_id(w->uids, p->uid) == UINT32_MAX)
		return err_set(e, EINVAL, "process.user.uid %u has no place in the user namespace's uid map", p->uid);
	if (ns_map_id(w->gids, p->gid) == UINT32_MAX)
		return err_set(e, EINVAL, "process.user.gid %u has no place in the user namespace's gid map", p->gid);
	for (size_t i = 0; i < p->groups.len; i++)
		if (ns_map_id(w->gids, p->groups.at[i]) == UINT32_MAX)
			return err_set(e, EINVAL, "process.user.additionalGids[%zu]: %u has no place in the user namespace's gid map", i,
				       p->groups.at[i]);
	return 0;
}

static int plan_user(const struct oci_user *u, const struct process_place *w, struct process_plan *p, struct err *e)
{
	static const struct oci_user root = { 0 };

	if (!u)
		u = &root;
	p->uid = u->uid;
	p->gid = u->gid;
	p->groups.at = u->groups.at;
	p->groups.len = u->groups.len;
	p->umask = u->umask;
	p->keep_groups = w->deny_setgroups;
	if (w->deny_setgroups && u->groups.len)
		return err_set(e, EPERM,
			       "process.user.additionalGids: an unprivileged user's namespace that maps only one id cannot set groups; "
			       "map a range by newgidmap or leave them out");
	return check_id_maps(w, p, e);
}

int plan_process(struct arena *a, const struct oci_process *in, const struct process_place *where, struct process_plan *out,
		 struct err *e)
{
	struct process_plan p = { .spec = in, .args = in->args, .cwd = in->cwd, .terminal = in->terminal };
	int r;

	if (!p.args.len)
		return err_set(e, EINVAL, "process.args is empty: it names the program to run");
	p.env.arena = a;
	for (size_t i = 0; i < in->env.len; i++)
		strv_add(&p.env, in->env.at[i]);
	p.no_new_privs = in->no_new_privileges;
	p.size = in->console_size;
	p.seccomp = where->linux_ ? where->linux_->seccomp : NULL;
	p.personality = where->linux_ ? where->linux_->personality : NULL;
	r = plan_user(in->user, where, &p, e);
	if (!r)
		r = caps_plan(in->capabilities, &p.caps, e);
	if (!r)
		*out = p;
	return r;
}

static int refuse_unknown(const struct oci_linux *l, struct err *e)
{
	if (l->intel_rdt)
		return err_set(e, ENOTSUP, "linux.intelRdt: this version of kist does not manage resctrl groups; remove it");
	return 0;
}

static int joined_kinds(const struct ns_plan *ns)
{
	int joined = 0;

	for (size_t i = 0; i < ns->joins.len; i++)
		joined |= ns->joins.at[i].kind->flag;
	return joined;
}

/* config-linux.md, "Cgroup ownership": only with a cgroup namespace of its own and a writable mount of it. */
static bool owns_cgroup(const struct plan *p)
{
	bool mounted = false;

	for (size_t i = 0; i < p->mnt.ops.len; i++) {
		const struct mnt_op *op = &p->mnt.ops.at[i];

		if (op->kind == MNT_FS && text_starts(op->fs, "cgroup") && !strcmp(op->target, "/sys/fs/cgroup"))
			mounted = !(op->o.set & MOUNT_ATTR_RDONLY);
	}
	return mounted && p->ns.make & CLONE_NEWCGROUP;
}

static int plan_spaces(const struct ct_ctx *c, const struct ct_create *o, const struct host *host, struct plan *p, struct err *e)
{
	struct ns_host nh = host_for_ns(host);
	struct mnt_host mh = host_for_mnt(host);
	struct cg_host ch = host_for_cg(host);
	struct net_host wh = { .privileged = nh.privileged };
	struct mnt_config mc = { .bundle = p->bundle, .no_pivot = o->no_pivot };
	int r = ns_plan(c->arena, p->spec, &nh, &p->ns, e);

	if (r)
		return r;
	mc.namespaces = p->ns.has;
	mc.joined = joined_kinds(&p->ns);
	r = mnt_plan(c->arena, p->spec, &mc, &mh, &p->mnt, e);
	wh.made = p->ns.make & CLONE_NEWNET;
	if (!r)
		r = net_plan(c->arena, p->spec, &wh, &p->net, e);
	if (r)
		return r;
	return cg_plan(c->arena, p->spec, p->id, (enum cg_manager)c->manager, &ch, &p->cg, e);
}

/* The program's numbers start at 3, whatever ours were (sd_listen_fds(3)). */
static void plan_activation(struct arena *a, const struct plan_env *env, const struct ct_create *o, struct process_plan *p)
{
	p->preserve_fds = env->listen_fds + o->preserve_fds;
	if (!env->listen_fds)
		return;
	strv_setenv(&p->env, "LISTEN_FDS", arena_printf(a, "%u", env->listen_fds));
	p->listen = true; /* LISTEN_PID is known to the child alone */
	if (env->listen_names)
		strv_setenv(&p->env, "LISTEN_FDNAMES", env->listen_names);
}

static int check_terminal(const struct ct_create *o, const struct process_plan *p, struct err *e)
{
	if (o->dry_run)
		return 0;
	if (p->terminal && o->detach && !o->console_socket)
		return err_set(e, EINVAL, "process.terminal is true and nobody will hold the terminal: give --console-socket, or set it to false");
	if (o->console_socket && !(p->terminal && o->detach))
		return err_set(e, EINVAL, "--console-socket needs process.terminal true and a container that runs detached");
	return 0;
}

int plan_build(const struct ct_ctx *c, const struct ct_create *o, const struct oci_spec *spec, const struct host *host,
	       const struct plan_env *env, struct plan *out, struct err *e)
{
	static const struct oci_linux none = { 0 };
	const struct oci_linux *l = spec->linux_ ? spec->linux_ : &none;
	struct plan p = { .id = o->id, .bundle = o->bundle, .spec = spec, .cgroup_mount = host->cgroup_mount };
	struct process_place where = { .linux_ = l };
	int r = refuse_unknown(l, e);

	if (!r)
		r = plan_spaces(c, o, host, &p, e);
	if (r)
		return r;
	if (!spec->process)
		return err_set(e, EINVAL, "process is missing: it says which program to run");
	where.userns = p.ns.has & CLONE_NEWUSER;
	where.uids = &p.ns.uids;
	where.gids = &p.ns.gids;
	where.deny_setgroups = p.ns.deny_setgroups;
	r = plan_process(c->arena, spec->process, &where, &p.process, e);
	if (!r)
		r = check_terminal(o, &p.process, e);
	if (r)
		return r;
	/* Of a user namespace that is joined the maps are not known here: then it stays ours. */
	if (!host->uid && !host->nested && owns_cgroup(&p) && (!where.userns || where.uids->len))
		p.cg.owner = where.userns ? ns_map_id(where.uids, p.process.uid) : p.process.uid;
	p.process.new_keyring = !o->no_new_keyring;
	p.process.init = spec->kist && spec->kist->init;
	p.process.memory = l->memory_policy;
	plan_activation(c->arena, env, o, &p.process);
	*out = p;
	return 0;
}

bool plan_has_hooks(const struct oci_hooks *h)
{
	return h && (h->prestart.len || h->create_runtime.len || h->create_container.len || h->start_container.len);
}
