/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/path.h"
#include "base/sys.h"
#include "namespaces/overlay.h"

struct maker {
	struct arena *a;
	const struct oci_linux *linux_;
	const struct mnt_config *c;
	const struct mnt_host *host;
	struct mnt_plan *p;
	bool userns;
};

/* What lxcfs and engines mount over; anything else below /proc would redirect our own writes (CVE-2019-16884). */
static const char *const proc_allowed[] = {
	"/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg", "/proc/meminfo", "/proc/net/dev", "/proc/slabinfo",
	"/proc/stat", "/proc/swaps", "/proc/sys/crypto/fips_enabled", "/proc/sys/kernel/ns_last_pid", "/proc/uptime",
};

static int check_proc_target(const struct mnt_op *op, struct err *e)
{
	if (!path_is_under(op->target, "/proc"))
		return 0;
	if (!strcmp(op->target, "/proc"))
		return op->kind == MNT_FS && strcmp(op->fs, "proc")
			       ? err_set(e, EINVAL, ".destination: only a proc file system (or a bind mount of the host's) belongs on /proc")
			       : 0;
	for (size_t i = 0; i < sizeof(proc_allowed) / sizeof(proc_allowed[0]); i++)
		if (!strcmp(op->target, proc_allowed[i]))
			return 0;
	return err_set(e, EPERM, ".destination: mounting on %s is refused, it could redirect kernel settings", op->target);
}

/* A container without its own cgroup namespace sees the host's tree: read-only when it is not the host's own
 * root who asks (CVE-2023-25809). */
static int plan_cgroup(const struct maker *m, struct mnt_op *op, struct err *e)
{
	op->plain_target = true;
	if (m->c->namespaces & CLONE_NEWCGROUP) {
		op->fs = "cgroup2";
		return 0;
	}
	if (!m->host->cgroup_mount)
		return err_set(e, ENOENT, ": no cgroup v2 mount was found on this host, so there is nothing to show in the container; "
					  "add {\"type\": \"cgroup\"} to linux.namespaces");
	op->kind = MNT_BIND;
	op->source = m->host->cgroup_mount;
	if (m->userns) {
		op->o.set |= MOUNT_ATTR_RDONLY;
		op->o.clear &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	return 0;
}

/* SELinux: file systems that are made for the container carry its label; the kernel's own views refuse one. */
static void add_label(const struct maker *m, struct mnt_op *op)
{
	static const char *const without[] = { "proc", "sysfs", "mqueue", "cgroup2" };
	const char **words;

	if (!m->linux_->mount_label || !*m->linux_->mount_label || op->kind != MNT_FS)
		return;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (!strcmp(op->fs, without[i]))
			return;
	words = arena_array(m->a, op->o.data.len + 1, sizeof(*words));
	for (size_t i = 0; i < op->o.data.len; i++)
		words[i] = op->o.data.at[i];
	words[op->o.data.len++] = arena_printf(m->a, "context=%s", m->linux_->mount_label);
	op->o.data.at = words;
}

static int plan_fs(const struct maker *m, const struct oci_mount *in, struct mnt_op *op, struct err *e)
{
	op->kind = MNT_FS;
	op->fs = in->type;
	op->source = in->source && *in->source ? in->source : in->type;
	if (!in->type || !*in->type)
		return err_set(e, EINVAL, ": needs \"type\", or the option \"bind\" or \"rbind\"");
	if (!strcmp(in->type, "cgroup") || !strcmp(in->type, "cgroup2"))
		return plan_cgroup(m, op, e);
	op->plain_target = !strcmp(in->type, "proc") || !strcmp(in->type, "sysfs") || !strcmp(op->target, "/dev");
	/* The kernel mounts sysfs only for the owner of the network namespace that it shows. */
	if (!strcmp(in->type, "sysfs") && m->userns && !(m->c->namespaces & ~m->c->joined & CLONE_NEWNET)) {
		op->kind = MNT_BIND;
		op->source = "/sys";
		op->o.recursive = true;
		/* A user may own cgroups in the tree that comes along: what holds for /sys holds below it
		 * (CVE-2023-25809). */
		op->o.rec_set |= op->o.set & ~(uint64_t)MOUNT_ATTR__ATIME;
	}
	return 0;
}

static int plan_bind(const struct maker *m, const struct oci_mount *in, struct mnt_op *op, struct err *e)
{
	op->kind = MNT_BIND;
	if (!in->source || !*in->source)
		return err_set(e, EINVAL, ".source: a bind mount needs one");
	op->source = path_clean(m->a, path_join(m->a, m->c->bundle, in->source));
	/* Our own writes go to a procfs of ours, but what the container trusts must be one too, and in its place. */
	op->procfs = !strcmp(op->target, "/proc");
	op->plain_target |= op->procfs;
	if (op->o.data.len)
		return err_set(e, EINVAL, ".options: \"%s\" means nothing to a bind mount", op->o.data.at[0]);
	return 0;
}

static int plan_idmap(const struct maker *m, const struct oci_mount *in, struct mnt_op *op, struct err *e)
{
	op->uids = in->uid_mappings;
	op->gids = in->gid_mappings;
	op->o.idmap |= in->uid_mappings.len > 0;
	if (!op->o.idmap)
		return 0;
	if (op->kind != MNT_BIND)
		return err_set(e, EINVAL, ": id mappings need a bind mount");
	if (!op->uids.len && !m->linux_->uid_mappings.len)
		return err_set(e, EINVAL, ": option idmap needs uidMappings and gidMappings here or in linux");
	if (!m->host->privileged)
		return err_set(e, EPERM, ": only root can make idmapped mounts");
	return 0;
}

static int plan_op(const struct maker *m, size_t i, const struct oci_mount *in, struct mnt_op *op, struct err *e)
{
	int r = mnt_options_parse(m->a, &in->options, &op->o, e);

	if (r)
		return r;
	op->index = i;
	op->target = path_clean(m->a, in->destination);
	if (!strcmp(op->target, "/"))
		return err_set(e, EINVAL, ".destination: \"%s\" is the root itself", in->destination);
	if (op->o.remount) {
		op->kind = MNT_REMOUNT;
		return op->o.data.len ? err_set(e, EINVAL, ".options: \"%s\" cannot be changed by a remount", op->o.data.at[0]) : 0;
	}
	if (op->o.bind || (in->type && !strcmp(in->type, "bind")))
		r = plan_bind(m, in, op, e);
	else
		r = plan_fs(m, in, op, e);
	if (!r)
		r = plan_idmap(m, in, op, e);
	if (!r)
		r = check_proc_target(op, e);
	if (!r)
		add_label(m, op);
	if (!r && op->o.copy_up && (op->kind != MNT_FS || strcmp(op->fs, "tmpfs")))
		r = err_set(e, EINVAL, ".options: tmpcopyup is for tmpfs");
	/* The mapped root may not see the source, and an idmapped mount needs privilege over its file system. */
	op->by_parent = op->kind == MNT_BIND && (op->o.idmap || (m->userns && m->host->privileged));
	return r;
}

static int plan_ops(const struct maker *m, const struct oci_spec *spec, struct err *e)
{
	m->p->ops.at = arena_array(m->a, spec->mounts.len, sizeof(*m->p->ops.at));
	m->p->ops.len = spec->mounts.len;
	for (size_t i = 0; i < spec->mounts.len; i++) {
		int r = plan_op(m, i, &spec->mounts.at[i], &m->p->ops.at[i], e);

		if (r)
			return err_path(e, r, "mounts[%zu]", i);
	}
	return 0;
}

/* config-linux.md, "Default Devices"; tty is what /dev/tty opens, whatever the terminal. */
static const struct mnt_dev default_devs[] = {
	{ "/dev/null", 'c', 1, 3, 0666, 0, 0, false },	  { "/dev/zero", 'c', 1, 5, 0666, 0, 0, false },
	{ "/dev/full", 'c', 1, 7, 0666, 0, 0, false },	  { "/dev/random", 'c', 1, 8, 0666, 0, 0, false },
	{ "/dev/urandom", 'c', 1, 9, 0666, 0, 0, false }, { "/dev/tty", 'c', 5, 0, 0666, 0, 0, false },
};
enum { DEFAULT_DEVS = sizeof(default_devs) / sizeof(default_devs[0]) };

/* A /dev that is bound from somewhere is complete as it is: nothing is made in somebody else's directory. */
static bool own_dev(const struct mnt_plan *p)
{
	for (size_t i = 0; i < p->ops.len; i++)
		if (!strcmp(p->ops.at[i].target, "/dev") && p->ops.at[i].kind == MNT_BIND)
			return false;
	return true;
}

/* Whoever binds /dev/urandom on /dev/random means it. */
static bool mounted_there(const struct mnt_plan *p, const char *path)
{
	for (size_t i = 0; i < p->ops.len; i++)
		if (!strcmp(p->ops.at[i].target, path))
			return true;
	return false;
}

static struct mnt_dev from_spec(struct arena *a, const struct oci_device *d)
{
	return (struct mnt_dev){
		.path = path_clean(a, d->path),
		.type = d->type == 'u' ? 'c' : d->type,
		.major = (unsigned)(d->major ? *d->major : 0),
		.minor = (unsigned)(d->minor ? *d->minor : 0),
		.mode = d->file_mode ? *d->file_mode & 07777 : 0666,
		.uid = d->uid ? *d->uid : 0,
		.gid = d->gid ? *d->gid : 0,
	};
}

static void plan_devices(const struct maker *m)
{
	size_t n = 0, extra = m->linux_->devices.len;

	m->p->devs.at = arena_array(m->a, DEFAULT_DEVS + extra, sizeof(*m->p->devs.at));
	m->p->default_links = own_dev(m->p);
	for (size_t i = 0; m->p->default_links && i < DEFAULT_DEVS; i++)
		if (!mounted_there(m->p, default_devs[i].path))
			m->p->devs.at[n++] = default_devs[i];
	for (size_t i = 0; i < extra; i++) {
		struct mnt_dev d = from_spec(m->a, &m->linux_->devices.at[i]);
		size_t k = 0;

		if (!m->p->default_links && path_is_under(d.path, "/dev"))
			continue; /* what is bound there has it, or would get it for good */
		while (k < n && strcmp(m->p->devs.at[k].path, d.path))
			k++;
		m->p->devs.at[k] = d;
		n += k == n;
	}
	m->p->devs.len = n;
	for (size_t i = 0; i < n; i++)
		m->p->devs.at[i].bind = m->userns && m->p->devs.at[i].type != 'p';
}

static void plan_propagation(const struct maker *m)
{
	uint64_t root = m->linux_->rootfs_propagation ? (uint64_t)*m->linux_->rootfs_propagation : 0;

	m->p->propagation = root;
	/* Only "shared" keeps the way back to the host open; a private root still must not pin host mounts. */
	if (root == MS_SHARED)
		m->p->first_propagation = 0;
	else
		m->p->first_propagation = root == MS_PRIVATE || root == MS_UNBINDABLE ? MS_PRIVATE : MS_SLAVE;
}

/* Without a mount namespace of its own every mount would be made on the host. */
static int check_namespace(const struct maker *m, const struct oci_spec *spec, struct err *e)
{
	const struct oci_linux *l = m->linux_;
	bool joined = m->c->joined & CLONE_NEWNS;
	const char *what = spec->mounts.len ? "mounts" : l->devices.len ? "linux.devices" : l->masked_paths.len
		? "linux.maskedPaths" : l->readonly_paths.len ? "linux.readonlyPaths" : spec->root->readonly
		? "root.readonly" : m->p->overlay.lower.len ? "kist.root.lower" : m->p->root_idmap ? "kist.root.idmap" : NULL;

	if (!joined && (m->c->namespaces & CLONE_NEWNS))
		return 0;
	if (what)
		return err_set(e, EINVAL, "%s would change %s: %s", what, joined ? "a mount namespace that is only joined" : "the host's mounts",
			       joined ? "remove it, or drop the path of the mount namespace" : "add {\"type\": \"mount\"} to linux.namespaces");
	m->p->enter_only = true;
	return 0;
}

int mnt_plan(struct arena *a, const struct oci_spec *spec, const struct mnt_config *c, const struct mnt_host *host,
	     struct mnt_plan *out, struct err *e)
{
	static const struct oci_linux none = { 0 };
	struct mnt_plan p = { .no_pivot = c->no_pivot };
	struct maker m = { a, spec->linux_ ? spec->linux_ : &none, c, host, &p, c->namespaces & CLONE_NEWUSER };
	int r;

	if (!spec->root)
		return err_set(e, EINVAL, "root is missing: it names the directory that becomes the container's /");
	p.root = path_clean(a, path_join(a, c->bundle, spec->root->path));
	p.root_readonly = spec->root->readonly;
	p.console = spec->process && spec->process->terminal;
	p.cwd = spec->process ? spec->process->cwd : NULL;
	r = mnt_plan_overlay(a, spec, c, host, &p, e);
	if (!r)
		r = check_namespace(&m, spec, e);
	if (!r && !p.enter_only)
		r = plan_ops(&m, spec, e);
	if (r)
		return r;
	p.root_by_parent = !p.enter_only && m.userns && host->privileged;
	p.masked = m.linux_->masked_paths;
	p.readonly = m.linux_->readonly_paths;
	if (!p.enter_only) {
		plan_devices(&m);
		plan_propagation(&m);
	}
	*out = p;
	return 0;
}

size_t mnt_parent_trees(const struct mnt_plan *p)
{
	size_t n = p->root_by_parent;

	for (size_t i = 0; i < p->ops.len; i++)
		n += p->ops.at[i].by_parent;
	return n;
}
