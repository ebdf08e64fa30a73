/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kill, delete, state, list, ps: what is done to containers that exist. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/self.h"
#include "base/sys.h"
#include "cgroups/group.h"
#include "cgroups/scope.h"
#include "runtime/destroy.h"
#include "runtime/hooks.h"
#include "runtime/host.h"
#include "runtime/network.h"

static int wait_dead(int pidfd)
{
	struct pollfd p = { pidfd, POLLIN, 0 };
	int n;

	do
		n = poll(&p, 1, 10000);
	while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : -ETIMEDOUT;
}

static int kill_init(const struct ct_record *r, struct err *e)
{
	auto_fd pidfd = record_pidfd(r);
	int rc;

	if (pidfd < 0)
		return 0; /* dead already */
	rc = sys_pidfd_kill(pidfd, SIGKILL);
	if (!rc)
		rc = wait_dead(pidfd);
	if (rc == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT, "the init of container %s (pid %d) is still there 10 s after it was killed: it is stuck in the kernel",
			       r->id, (int)r->pid);
	return rc < 0 && rc != -ESRCH ? err_num(e, rc, "kill the init of container %s", r->id) : 0;
}

/* kist was killed before it learned where systemd had put the scope, or whether that name was free at all. */
static int find_scope(const struct ct_ctx *c, const char *helper, struct ct_record *r, struct err *e)
{
	int rc = r->cgroup ? 0 : cg_scope_find(c->arena, helper, r->unit, r->user_unit, &r->cgroup, e);

	if (!r->cgroup_mount)
		r->cgroup_mount = host_cgroup_mount(c->arena);
	return rc;
}

static int destroy_cgroup(const struct ct_ctx *c, const struct ct_record *record, struct err *e)
{
	struct ct_record r = *record;
	const char *helper = r.unit ? self_helper(c->arena, c->argv[0], "kist-systemd") : NULL;
	struct err said = { 0 };
	struct cg_own g;
	int rc;

	if (r.unit && find_scope(c, helper, &r, &said) < 0)
		log_warn("%s", said.msg);
	if (!r.cgroup || !r.cgroup_mount)
		return 0;
	g = record_cgroup(&r);
	rc = cg_remove(&g, e);
	/* The name may be another's by now.  Once its cgroup is empty systemd forgets the scope by itself: a bus that is gone must
	 * not keep the container. */
	if (rc == CG_REMOVED && r.unit && cg_scope_stop(c->arena, helper, r.unit, r.user_unit, &said) < 0)
		log_warn("%s", said.msg);
	return rc < 0 ? rc : 0;
}

int destroy_outside(const struct ct_ctx *c, const struct ct_record *r, struct err *e)
{
	int rc = destroy_cgroup(c, r, e);

	return rc ? rc : network_down(c, r, e);
}

int destroy(const struct ct_ctx *c, int dir, const struct ct_record *r, struct err *e)
{
	struct oci_spec spec = { 0 };
	struct err unread = { 0 };
	int rc;

	/* A half-made container may have no configuration yet: that must not keep it from being removed. */
	if (r->hooks && record_load_config(c->arena, dir, &spec, &unread) < 0)
		log_warn("poststop hooks are skipped: %s", unread.msg);
	rc = destroy_outside(c, r, e);
	if (!rc)
		rc = record_remove_dir(c->root, r->id, dir, e);
	if (!rc && spec.hooks) {
		struct oci_state state = record_state(c->arena, r, CT_STOPPED);

		hooks_run_all(c->arena, "poststop", &spec.hooks->poststop, &state, r->bundle);
	}
	return rc;
}

int destroy_own(const struct ct_ctx *c, int dir, const struct ct_record *r, struct err *e)
{
	struct ct_record newer;
	enum record_news news;

	if (flock(dir, LOCK_EX) < 0)
		return err_sys(e, "lock the state of container %s", r->id);
	news = record_look(dir);
	if (news == RECORD_NEWER && record_load(c->arena, dir, r->id, &newer, NULL) == 0)
		r = &newer;
	return news == RECORD_GONE ? 0 : destroy(c, dir, r, e);
}

/* The record cannot be read: the cgroup still says whose it is, and whatever runs is in there. */
static int recover(const struct ct_ctx *c, const char *id, struct ct_record *out, struct err *e)
{
	struct ct_record r = { .id = id, .bundle = "" };
	int rc = 0;

	log_warn("%s", e->msg);
	r.cgroup_mount = host_cgroup_mount(c->arena);
	if (r.cgroup_mount)
		rc = cg_find(c->arena, r.cgroup_mount, id, &r.cgroup, e);
	*out = r;
	return rc;
}

static int delete_known(const struct ct_ctx *c, int dir, const char *id, bool force, struct err *e)
{
	struct ct_record rec;
	enum ct_status s;
	int r = record_load(c->arena, dir, id, &rec, e);

	if (r < 0 && force)
		r = recover(c, id, &rec, e);
	if (r < 0)
		return r;
	s = force ? CT_STOPPED : record_status(dir, &rec, RECORD_CHANGE); /* what makes no difference is not looked at */
	if (s != CT_STOPPED && s != CT_CREATED)
		return err_set(e, EBUSY, "cannot delete container %s: it is %s (kill it first, or use --force)", id, ct_status_word(s));
	r = kill_init(&rec, e);
	return r ? r : destroy(c, dir, &rec, e);
}

int ct_delete(const struct ct_ctx *c, const char *id, bool force, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_CHANGE, e);

	if (dir == -ENOENT && force)
		return 0;
	if (dir < 0)
		return dir;
	return delete_known(c, dir, id, force, e);
}

static int signal_init(const struct ct_record *rec, int sig, struct err *e)
{
	auto_fd pidfd = record_pidfd(rec);
	int r = pidfd < 0 ? pidfd : sys_pidfd_kill(pidfd, sig);

	if (r == -ESRCH)
		return err_set(e, ESRCH, "cannot signal container %s: container not running", rec->id);
	return r < 0 ? err_num(e, r, "signal container %s", rec->id) : 0;
}

int ct_kill(const struct ct_ctx *c, const char *id, int sig, bool all, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_READ, e);
	struct ct_record rec;
	struct cg_own own;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	if (r < 0)
		return r;
	/* Without an own pid namespace the death of the init ends nobody else (engine contract, kill). */
	if (sig == SIGKILL && !record_made_pid(&rec) && record_status(dir, &rec, RECORD_READ) != CT_STOPPED)
		all = true;
	if (!all || !rec.cgroup)
		return signal_init(&rec, sig, e);
	own = record_cgroup(&rec);
	return cg_kill(&own, sig, e);
}

int ct_state(const struct ct_ctx *c, const char *id, struct oci_state *out, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_READ, e);
	struct ct_record rec;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	if (r >= 0)
		*out = record_state(c->arena, &rec, record_status(dir, &rec, RECORD_READ));
	return r < 0 ? r : 0;
}

static int by_id(const void *a, const void *b)
{
	const struct oci_state *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static void add_state(const struct ct_ctx *c, const char *id, ct_states *out)
{
	struct err e = { 0 };
	struct oci_state s;
	int r = ct_state(c, arena_strdup(c->arena, id), &s, &e);

	/* It may vanish between readdir and here; one that cannot be read must neither hide the others nor be hidden. */
	if (r < 0 && r != -ENOENT)
		log_line(LOG_ERROR, "%s", e.msg);
	if (r < 0)
		return;
	out->at = arena_grow(c->arena, out->at, out->len, sizeof(*out->at));
	out->at[out->len++] = s;
}

int ct_list(const struct ct_ctx *c, ct_states *out, struct err *e)
{
	DIR *d = opendir(c->root);

	*out = (ct_states){ NULL, 0 };
	if (!d)
		return errno == ENOENT ? 0 : err_sys(e, "read the state directory %s", c->root);
	for (struct dirent *n = readdir(d); n; n = readdir(d))
		if (n->d_type == DT_DIR && ct_check_id(n->d_name, NULL) == 0)
			add_state(c, n->d_name, out);
	closedir(d);
	if (out->len)
		qsort(out->at, out->len, sizeof(*out->at), by_id);
	return 0;
}

int ct_ps(const struct ct_ctx *c, const char *id, ct_pids *out, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_READ, e);
	struct ct_record rec;
	struct cg_own own;
	cg_pid_list pids;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	if (r < 0)
		return r;
	*out = (ct_pids){ NULL, 0 };
	if (rec.cgroup) {
		own = record_cgroup(&rec);
		r = cg_pids(c->arena, &own, &pids, e);
		out->at = pids.at;
		out->len = pids.len;
	} else if (record_status(dir, &rec, RECORD_READ) != CT_STOPPED) {
		/* No cgroup, no list: the init is the one process that is known. */
		out->at = arena_alloc(c->arena, sizeof(*out->at));
		out->at[out->len++] = (pid_t)rec.pid;
	}
	return r < 0 ? r : 0;
}
