/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pause, resume, update and statistics: what is done to a container through its cgroup. */
#include <errno.h>
#include <poll.h>
#include <sched.h>

#include "base/fd.h"
#include "base/self.h"
#include "base/sys.h"
#include "cgroups/control.h"
#include "cgroups/group.h"
#include "cgroups/scope.h"
#include "runtime/host.h"
#include "runtime/record.h"

struct known {
	struct ct_record rec;
	enum ct_status status;
	int dir;
};

static int find(const struct ct_ctx *c, const char *id, enum record_lock lock, struct known *k, struct err *e)
{
	int r;

	k->dir = record_open_dir(c->root, id, lock, e);
	r = k->dir < 0 ? k->dir : record_load(c->arena, k->dir, id, &k->rec, e);
	if (r)
		return r;
	k->status = record_status(k->dir, &k->rec, lock);
	if (!k->rec.cgroup)
		return err_set(e, ENOTSUP, "container %s has no cgroup of its own, so it cannot be paused, limited or measured", id);
	return 0;
}

int ct_pause(const struct ct_ctx *c, const char *id, struct err *e)
{
	struct known k = { .dir = -1 };
	int r = find(c, id, RECORD_CHANGE, &k, e);

	if (!r && k.status != CT_RUNNING && k.status != CT_CREATED)
		r = err_set(e, EBUSY, "cannot pause container %s: it is %s%s", id, ct_status_word(k.status),
			    k.status == CT_STOPPED ? ", container not running" : "");
	if (!r)
		r = cg_freeze(k.rec.cgroup_mount, k.rec.cgroup, true, e);
	fd_done(&k.dir);
	return r;
}

/* Also of a container whose init died while it was paused: what is left in it may be frozen still. */
int ct_resume(const struct ct_ctx *c, const char *id, struct err *e)
{
	struct known k = { .dir = -1 };
	int r = find(c, id, RECORD_CHANGE, &k, e);

	if (!r && !cg_frozen(k.rec.cgroup_mount, k.rec.cgroup))
		r = err_set(e, EBUSY, "cannot resume container %s: it is %s, not paused", id, ct_status_word(k.status));
	if (!r)
		r = cg_freeze(k.rec.cgroup_mount, k.rec.cgroup, false, e);
	fd_done(&k.dir);
	return r;
}

/* cpu.max is one file of two values, and swap is counted from the memory limit: these come along. */
static struct oci_resources with_partners(struct arena *a, const struct oci_resources *asked, const struct oci_resources *merged)
{
	struct oci_resources r = *asked;

	if (r.cpu && (r.cpu->quota || r.cpu->period)) {
		struct oci_cpu *cpu = arena_alloc(a, sizeof(*cpu));

		*cpu = *r.cpu;
		cpu->quota = merged->cpu->quota;
		cpu->period = merged->cpu->period;
		r.cpu = cpu;
	}
	if (r.memory && (r.memory->swap || r.memory->limit)) {
		struct oci_memory *memory = arena_alloc(a, sizeof(*memory));

		*memory = *r.memory;
		memory->swap = merged->memory->swap;
		memory->limit = merged->memory->limit;
		r.memory = memory;
	}
	return r;
}

static int keep(const struct ct_ctx *c, const struct known *k, struct oci_spec *spec, const struct oci_resources *merged, struct err *e)
{
	struct oci_linux l = spec->linux_ ? *spec->linux_ : (struct oci_linux){ 0 };
	const char *text;
	size_t len;

	l.resources = merged;
	spec->linux_ = &l;
	text = oci_encode_text(c->arena, &oci_spec_object, spec, JSON_PRETTY, &len);
	return record_replace_config(k->dir, text, len, e);
}

static int tell_systemd(const struct ct_ctx *c, const struct known *k, const struct oci_resources *r, struct err *e)
{
	struct cg_unit u = { .name = k->rec.unit, .user = k->rec.user_unit };

	cg_unit_limits(c->arena, r, &u);
	return cg_scope_set(c->arena, self_helper(c->arena, c->argv[0], "kist-systemd"), &u, e);
}

static int apply(const struct ct_ctx *c, const struct known *k, const struct oci_resources *asked, const struct oci_resources *merged,
		 struct err *e)
{
	struct oci_resources whole = with_partners(c->arena, asked, merged), all = *merged;
	struct cg_where at = { k->rec.cgroup, k->rec.unit };
	struct host host;
	struct cg_host ch;
	struct cg_plan plan;
	int r = host_probe(c->arena, cg_wants_limits(&whole), &host, e);

	if (r)
		return r;
	ch = host_for_cg(&host);
	/* systemd writes every file of a controller when one property of it changes, also those that it rounds or that
	 * are no properties: all of ours come again after it. */
	all.devices = asked->devices;
	r = cg_plan_update(c->arena, k->rec.unit ? &all : &whole, &at, &ch, &plan, e);
	if (!r && merged->memory && merged->memory->check_before_update && asked->memory && asked->memory->limit)
		r = cg_check_memory(k->rec.cgroup_mount, k->rec.cgroup, *asked->memory->limit, e);
	if (!r && k->rec.unit)
		r = tell_systemd(c, k, &whole, e);
	return r ? r : cg_update(c->arena, &plan, k->rec.cgroup_mount, e);
}

/* "memory: unlimited" alone would leave a limit of memory and swap together without the first: both go, as in runc. */
static const struct oci_resources *without_swap(struct arena *a, const struct oci_resources *asked, const struct oci_resources *kept)
{
	static const int64_t unlimited = -1;
	const struct oci_memory *m = asked->memory;
	struct oci_memory *memory;
	struct oci_resources *r;

	if (!m || !m->limit || *m->limit >= 0 || m->swap || !kept->memory || !kept->memory->swap)
		return asked;
	r = arena_alloc(a, sizeof(*r));
	memory = arena_alloc(a, sizeof(*memory));
	*r = *asked;
	*memory = *m;
	memory->swap = &unlimited;
	r->memory = memory;
	return r;
}

static int change(const struct ct_ctx *c, const struct known *k, const struct oci_resources *asked, struct err *e)
{
	struct oci_spec spec = { 0 };
	struct oci_resources merged = { 0 };
	int r = record_load_config(c->arena, k->dir, &spec, e);

	if (r)
		return r;
	if (spec.linux_ && spec.linux_->resources)
		merged = *spec.linux_->resources;
	asked = without_swap(c->arena, asked, &merged);
	oci_overlay(c->arena, &oci_resources_object, &merged, asked);
	r = apply(c, k, asked, &merged, e);
	return r ? r : keep(c, k, &spec, &merged, e);
}

int ct_update(const struct ct_ctx *c, const char *id, const struct oci_resources *asked, struct err *e)
{
	struct known k = { .dir = -1 };
	int r = find(c, id, RECORD_CHANGE, &k, e);

	if (!r && k.status == CT_STOPPED)
		r = err_set(e, ESRCH, "cannot update container %s: container not running", id);
	if (!r)
		r = change(c, &k, asked, e);
	fd_done(&k.dir);
	return r;
}

int ct_stats(const struct ct_ctx *c, const char *id, struct cg_stats *out, struct err *e)
{
	struct known k = { .dir = -1 };
	int r = find(c, id, RECORD_READ, &k, e);

	if (!r)
		r = cg_read_stats(c->arena, k.rec.cgroup_mount, k.rec.cgroup, out, e);
	fd_done(&k.dir);
	return r;
}

int ct_network(const struct ct_ctx *c, const char *id, net_counters *out, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_READ, e);
	auto_fd init = -1;
	struct ct_record rec;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	if (r)
		return r;
	if (!(record_namespaces(&rec) & CLONE_NEWNET))
		return 1;
	init = record_pidfd(&rec);
	r = init < 0 ? init : net_read_counters(c->arena, (pid_t)rec.pid, out);
	/* The number may have passed to somebody else before the file was read. */
	if (init < 0 || r == -ENOENT || r == -ESRCH || sys_pidfd_kill(init, 0) < 0)
		return err_set(e, ESRCH, "cannot measure container %s: container not running", id);
	return r < 0 ? err_num(e, r, "read the network counters of container %s", id) : 0;
}

int ct_watch(const struct ct_ctx *c, const char *id, struct ct_watch *out, struct err *e)
{
	struct known k = { .dir = -1 };
	int r = find(c, id, RECORD_READ, &k, e);

	*out = (struct ct_watch){ -1, -1, 0 };
	fd_done(&k.dir);
	if (r)
		return r;
	out->init = record_pidfd(&k.rec);
	if (out->init < 0)
		return err_set(e, ESRCH, "container %s has stopped: container not running", id);
	out->events = cg_open_events(k.rec.cgroup_mount, k.rec.cgroup);
	(void)cg_oom_kills(out->events, &out->kills);
	return 0;
}

void ct_watch_done(struct ct_watch *w)
{
	fd_done(&w->init);
	fd_done(&w->events);
}

int ct_wait_event(struct ct_watch *w, int timeout, struct err *e)
{
	struct pollfd p[] = { { w->init, POLLIN, 0 }, { w->events, POLLPRI, 0 } };
	uint64_t kills = w->kills;
	int n, r;

	do
		n = poll(p, 2, timeout);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "wait for an event of the container");
	/* Also when the init has ended: it may be what was killed, and nothing else would tell. */
	r = n ? cg_oom_kills(w->events, &kills) : 0;
	if (kills > w->kills) {
		w->kills = kills;
		return CT_EVENT_OOM;
	}
	if (r < 0)
		fd_done(&w->events); /* the cgroup is gone, and would wake us for ever */
	return p[0].revents ? CT_EVENT_END : n ? CT_EVENT_NONE : CT_EVENT_TIMEOUT;
}
