/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/still.h"

#include <errno.h>
#include <sched.h>

#include "base/fd.h"
#include "base/sys.h"
#include "namespaces/enter.h"
#include "runtime/host.h"

void inst_files_done(struct inst_files *f)
{
	ct_reach_done(&f->at);
	inst_done(&f->lock);
}

int inst_files_settle(const struct ct_ctx *c, struct inst_files *f, struct err *e)
{
	static const struct oci_linux none = { 0 };
	const struct oci_spec *spec = &f->lock.spec;
	const struct oci_linux *l = spec->linux_ ? spec->linux_ : &none;
	struct mnt_config mc = { .bundle = f->lock.path };
	struct mnt_host host = { .privileged = sys_euid() == 0, .cgroup_mount = host_cgroup_mount(c->arena) };
	struct mnt_plan plan;
	int r;

	if (!f->stopped || f->at.root >= 0)
		return 0;
	for (size_t k = 0; k < l->namespaces.len; k++)
		mc.namespaces |= l->namespaces.at[k].type;
	r = mnt_plan(c->arena, spec, &mc, &host, &plan, e);
	if (!r && l->uid_mappings.len)
		r = f->at.user = ns_map_fd(c->arena, &l->uid_mappings, &l->gid_mappings, e);
	if (r >= 0)
		r = f->at.root = mnt_still(c->arena, &plan, f->at.user, e);
	return r < 0 ? r : 0;
}

static int busy(const char *name, struct err *e)
{
	return err_set(e, EBUSY, "instance %s is being started: try again", name);
}

int inst_files_find(const struct ct_ctx *c, const char *data, const char *name, struct inst_files *out, struct err *e)
{
	auto_files f = INST_FILES_NONE;
	struct err said = { 0 };
	int r = ct_reach(c, name, &f.at, &said), found;

	if (r == -ENOENT || r == -ESRCH) {
		found = inst_open(c->arena, data, name, &f.lock, e);
		if (found < 0 && found != -ENOENT)
			return found;
		/* Once it is locked nobody starts it. */
		if (!found && (!inst_lock(&f.lock) || ct_reach(c, name, &f.at, NULL) == 0))
			return busy(name, e);
		f.stopped = !found;
		r = found ? r : 0;
	}
	if (r < 0)
		return err_set(e, -r, "%s", said.msg);
	*out = f;
	f = (struct inst_files)INST_FILES_NONE;
	return 0;
}
