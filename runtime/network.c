/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/network.h"

#include <errno.h>
#include <sched.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/sys.h"
#include "net/apply.h"
#include "net/attach.h"
#include "net/phys.h"
#include "net/share.h"

#define LOCK "networks"

enum { PATIENCE = 300 /* times 10 ms */ };

int network_open(struct arena *a, const struct ct_record *r, struct err *e)
{
	auto_fd pidfd = record_pidfd(r);
	auto_fd netns = pidfd < 0 ? pidfd : fd_open(AT_FDCWD, arena_printf(a, "/proc/%d/ns/net", (int)r->pid), O_RDONLY);

	/* The number may have passed to somebody else before the path was opened. */
	if (netns == -ENOENT || (netns >= 0 && sys_pidfd_kill(pidfd, 0) < 0))
		fd_done(&pidfd);
	if (pidfd < 0)
		return err_set(e, ESRCH, "container %s does not run", r->id);
	return netns < 0 ? err_num(e, netns, "open the network namespace of container %s", r->id) : take_fd(&netns);
}

static int open_others(const struct ct_ctx *c, const char *id, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_READ, e);
	auto_fd netns = -1;
	struct ct_record rec;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	if (r >= 0)
		r = netns = network_open(c->arena, &rec, e);
	if (r < 0)
		return r;
	if (!(record_namespaces(&rec) & CLONE_NEWNET))
		return err_set(e, EINVAL, "container %s has no network namespace but the host's: say that this one has it, too (--network host)", id);
	return take_fd(&netns);
}

static int join(struct arena *a, struct oci_spec *spec, const char *path, struct err *e)
{
	static const struct oci_linux none = { 0 };
	const struct oci_linux *had = spec->linux_ ? spec->linux_ : &none;
	struct oci_linux *l = arena_alloc(a, sizeof(*l));
	struct oci_namespace *at = arena_array(a, had->namespaces.len + 1, sizeof(*at));
	size_t n = 0;

	*l = *had;
	for (size_t i = 0; i < had->namespaces.len; i++) {
		if (had->namespaces.at[i].type != CLONE_NEWNET)
			at[n++] = had->namespaces.at[i];
		else if (had->namespaces.at[i].path && *had->namespaces.at[i].path)
			return err_set(e, EINVAL, "linux.namespaces names a network namespace, too");
	}
	at[n++] = (struct oci_namespace){ .type = CLONE_NEWNET, .path = path };
	l->namespaces.at = at;
	l->namespaces.len = n;
	spec->linux_ = l;
	return 0;
}

int network_share(const struct ct_ctx *c, struct oci_spec *spec, bool dry_run, int *netns, struct err *e)
{
	const char *id = spec->kist ? spec->kist->network_of : NULL;
	auto_fd fd = -1;
	int r = id ? ct_check_id(id, e) : 0;

	if (!id)
		return 0;
	if (!r)
		r = fd = open_others(c, id, e);
	if (r >= 0)
		r = join(c->arena, spec, dry_run ? arena_printf(c->arena, "of container %s", id) : arena_printf(c->arena, "/proc/self/fd/%d", fd), e);
	if (r < 0)
		return err_in(e, r, "kist.networkOf \"%s\"", id);
	*netns = take_fd(&fd);
	return 0;
}

static int open_netns(const struct birth *b, struct err *e)
{
	const struct ns_plan *ns = &b->plan->ns;
	const char *path = arena_printf(b->c->arena, "/proc/%d/ns/net", b->pid);
	int fd;

	for (size_t i = 0; i < ns->joins.len; i++)
		if (ns->joins.at[i].kind->flag == CLONE_NEWNET)
			path = ns->joins.at[i].path;
	fd = fd_open(AT_FDCWD, path, O_RDONLY);
	return fd < 0 ? err_num(e, fd, "open the container's network namespace %s", path) : fd;
}

int network_lock(struct arena *a, const char *data, struct st_store *store, struct err *e)
{
	int r = data ? st_open(a, data, false, store, e) : err_set(e, ENOENT, "the container is in no network of kist's");

	return r ? r : st_lock(store, LOCK, true, e);
}

static void wait_a_while(void)
{
	const struct timespec a_while = { .tv_nsec = 10000000 };

	(void)nanosleep(&a_while, NULL);
}

/* Looking for each of its folders takes ten calls: what is needed of them is made when it is. */
static int open_data(struct arena *a, const char *data, struct st_store *out, struct err *e)
{
	return st_open(a, data, false, out, NULL) ? st_open(a, data, true, out, e) : 0;
}

/* An interface that another container had comes back when the kernel has taken the namespace of that one apart. */
static int attach(const struct birth *b, int netns, struct err *e)
{
	auto_store store = ST_NONE;
	struct net_place at = { .id = b->plan->id, .pid = b->pid, .start = b->record.start, .netns = netns };
	int tries = PATIENCE, r = open_data(b->c->arena, b->record.data, &store, e);

	at.data = store.dir;
	while (!r) {
		auto_fd lock = st_lock(&store, LOCK, true, e);

		r = lock < 0 ? lock : net_attach(b->c->arena, &b->plan->net, &at, e);
		if (r != -EAGAIN || !--tries)
			return r;
		fd_done(&lock);
		wait_a_while();
		r = 0;
	}
	return r;
}

/* Without the directory nobody knows of any address. */
static int share(const struct birth *b, const char *of, struct err *e)
{
	struct net_sharer s = { b->pid, b->record.start };
	auto_store store = ST_NONE;
	auto_fd lock = -1;
	auto_fd netns = -1;
	struct stat now, then;
	int r = st_open(b->c->arena, b->c->data, false, &store, e);

	if (!r)
		r = lock = st_lock(&store, LOCK, true, e);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	/* Who has ended meanwhile has given its addresses back, and knew nothing of this one. */
	r = netns = open_others(b->c, of, e);
	if (r >= 0)
		r = fstat(netns, &now) < 0 || fstat(b->job.netns, &then) < 0 ? err_sys(e, "stat its network namespace") : 0;
	if (!r && now.st_ino != then.st_ino)
		r = err_set(e, ESRCH, "it has been started anew meanwhile");
	return r ? err_in(e, r, "kist.networkOf \"%s\"", of) : net_share(b->c->arena, store.dir, b->job.netns, &s, e);
}

int network_up(struct birth *b, struct err *e)
{
	const struct net_plan *p = &b->plan->net;
	auto_fd netns = -1;
	int r = 0;

	if (b->job.netns >= 0)
		r = share(b, b->plan->spec->kist->network_of, e);
	if (r || net_is_empty(p))
		return r;
	netns = open_netns(b, e);
	if (netns < 0)
		return netns;
	if (p->devices.len)
		r = net_apply(b->c->arena, p, netns, e);
	return r || !p->wishes.len ? r : attach(b, netns, e);
}

int network_down(const struct ct_ctx *c, const struct ct_record *rec, struct err *e)
{
	auto_store store = ST_NONE;
	auto_fd lock = network_lock(c->arena, rec->data, &store, e);
	struct net_place who = { .data = store.dir, .id = rec->id, .pid = (pid_t)rec->pid, .start = rec->start };
	int tries = PATIENCE, r;

	/* Without the directory nobody knows of any address. */
	if (lock < 0)
		return lock == -ENOENT ? 0 : lock;
	r = net_detach(c->arena, &who, e);
	while (r > 0 && tries--) {
		fd_done(&lock);
		wait_a_while();
		lock = st_lock(&store, LOCK, true, e);
		r = lock < 0 ? lock : net_phys_settle(c->arena, store.dir, rec->id, NULL, e);
	}
	if (r > 0)
		log_warn("an interface of the host has not come back from container %s, whose network namespace something keeps: once it is back, "
			 "\"kist network repair\" or the next start makes it what it was", rec->id);
	return r < 0 ? r : 0;
}

int network_truth(struct arena *a, const struct known *k, struct oci_spec *spec, struct err *e)
{
	auto_store store = ST_NONE;
	struct net_record r;
	int rc = k->rec.data ? st_open(a, k->rec.data, false, &store, e) : -ENOENT;

	if (!rc)
		rc = net_record_read(a, store.dir, k->rec.id, &r, e);
	if (!rc && r.pid == k->rec.pid && r.start == k->rec.start)
		net_edit_truth(a, &r, spec);
	return rc == -ENOENT ? 0 : rc;
}

void network_change_done(struct network_change *n)
{
	if (n->begun)
		net_change_undo(&n->change);
	fd_done(&n->netns);
	fd_done(&n->lock);
	st_done(&n->store);
}

/* One that came without networks has none to give back at its end, unless its record says so. */
static int remember_data(const struct ct_ctx *c, const struct known *k, const char **data, struct err *e)
{
	struct ct_record rec = k->rec;

	*data = rec.data ? rec.data : c->data;
	if (rec.data)
		return 0;
	rec.data = c->data;
	return record_change(c->arena, k->dir, &rec, e);
}

int network_change_begin(const struct ct_ctx *c, const struct known *k, const struct net_plan *plan, struct network_change *out, struct err *e)
{
	const char *data;
	int r = out->netns = network_open(c->arena, &k->rec, e);

	if (r >= 0)
		r = remember_data(c, k, &data, e);
	if (!r)
		r = open_data(c->arena, data, &out->store, e);
	if (!r)
		r = out->lock = st_lock(&out->store, LOCK, true, e);
	if (r < 0)
		return r;
	out->at = (struct net_place){ .data = out->store.dir, .id = k->rec.id, .pid = (pid_t)k->rec.pid, .start = k->rec.start,
				      .netns = out->netns };
	r = net_change_begin(c->arena, plan, &out->at, &out->change, e);
	out->begun = !r;
	return r;
}

int network_change_do(struct network_change *n, struct err *e)
{
	n->begun = false;
	return net_change_do(&n->change, e);
}
