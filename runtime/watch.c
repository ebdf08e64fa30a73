/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a container uses, and waiting for what happens to it. */
#include <errno.h>
#include <poll.h>
#include <sched.h>

#include "base/fd.h"
#include "base/sys.h"
#include "cgroups/control.h"
#include "runtime/known.h"

int ct_stats(const struct ct_ctx *c, const char *id, struct cg_stats *out, struct err *e)
{
	auto_known k = KNOWN_NONE;
	int r = known_find(c, id, RECORD_READ, &k, e);

	if (!r)
		r = cg_read_stats(c->arena, &k.cgroup, out, e);
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
	auto_fd dir = record_open_dir(c->root, id, RECORD_READ, e);
	struct ct_record rec;
	struct cg_own own;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	*out = (struct ct_watch){ -1, -1, 0 };
	if (r)
		return r;
	out->init = record_pidfd(&rec);
	if (out->init < 0)
		return err_set(e, ESRCH, "container %s has stopped: container not running", id);
	if (!rec.cgroup) /* its end is all that can be seen */
		return 0;
	own = record_cgroup(&rec);
	out->events = cg_open_events(&own);
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
