/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec: a second process for a container that exists. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/path.h"
#include "base/proc.h"
#include "cgroups/group.h"
#include "runtime/birth.h"
#include "runtime/console.h"
#include "runtime/guard.h"
#include "runtime/host.h"
#include "runtime/process.h"

struct target {
	const struct ct_ctx *c;
	const struct ct_exec *o;
	struct ct_record rec;
	struct oci_spec spec;
	struct oci_process process;
	struct plan plan; /* id and process only */
	int dir, pidfd, signals; /* signals: -1 until the program is about to run */
};

static int check_status(struct target *t, struct err *e)
{
	enum ct_status s = record_status(t->dir, &t->rec, RECORD_READ);

	if (s == CT_STOPPED || s == CT_CREATING)
		return err_set(e, ESRCH, "cannot exec in container %s: container not running, it is %s", t->rec.id, ct_status_word(s));
	if (s == CT_PAUSED && !t->o->ignore_paused)
		return err_set(e, EBUSY, "cannot exec in container %s: it is paused (resume it, or use --ignore-paused)", t->rec.id);
	t->pidfd = record_pidfd(&t->rec);
	return t->pidfd < 0 ? err_set(e, ESRCH, "cannot exec in container %s: container not running", t->rec.id) : 0;
}

static int parse_user(struct arena *a, const char *word, const strings *groups, const struct oci_user *base, const struct oci_user **out,
		      struct err *e)
{
	struct oci_user *u = arena_alloc(a, sizeof(*u));
	const char *colon = word ? strchr(word, ':') : NULL;

	if (base)
		*u = *base;
	if (word) {
		u->gid = 0;
		if (!text_u32(colon ? arena_strndup(a, word, (size_t)(colon - word)) : word, &u->uid) || u->uid == UINT32_MAX ||
		    (colon && (!text_u32(colon + 1, &u->gid) || u->gid == UINT32_MAX)))
			return err_set(e, EINVAL, "--user \"%s\" is not UID or UID:GID in decimal digits", word);
	}
	if (groups->len) {
		u->groups.at = arena_array(a, groups->len, sizeof(uint32_t));
		u->groups.len = groups->len;
	}
	for (size_t i = 0; i < groups->len; i++)
		if (!text_u32(groups->at[i], &u->groups.at[i]) || u->groups.at[i] == UINT32_MAX)
			return err_set(e, EINVAL, "--additional-gids \"%s\" is not a group id in decimal digits", groups->at[i]);
	*out = u;
	return 0;
}

static strings joined(struct arena *a, const strings *x, const strings *y)
{
	strings s = { arena_array(a, x->len + y->len + 1, sizeof(*s.at)), 0 };

	for (size_t i = 0; i < x->len; i++)
		s.at[s.len++] = x->at[i];
	for (size_t i = 0; i < y->len; i++)
		s.at[s.len++] = y->at[i];
	return s;
}

/* --cap adds to what a program gets; inheritable and ambient stay as they are (CVE-2022-29162). */
static const struct oci_capabilities *add_caps(struct arena *a, const struct oci_capabilities *base, const strings *more)
{
	struct oci_capabilities *c = arena_alloc(a, sizeof(*c));

	if (base)
		*c = *base;
	c->bounding = joined(a, &c->bounding, more);
	c->permitted = joined(a, &c->permitted, more);
	c->effective = joined(a, &c->effective, more);
	return c;
}

static strings added_env(struct arena *a, const strings *base, const strings *more)
{
	struct strv v = { .arena = a };

	for (size_t i = 0; i < base->len; i++)
		strv_add(&v, base->at[i]);
	for (size_t i = 0; i < more->len; i++) {
		const char *eq = strchr(more->at[i], '=');

		if (eq)
			strv_setenv(&v, arena_strndup(a, more->at[i], (size_t)(eq - more->at[i])), eq + 1);
		else
			strv_add(&v, more->at[i]);
	}
	return (strings){ v.at, v.len };
}

static int check_env(const strings *env, struct err *e)
{
	for (size_t i = 0; i < env->len; i++)
		if (!strchr(env->at[i], '=') || *env->at[i] == '=')
			return err_set(e, EINVAL, "--env \"%s\" is not NAME=VALUE", env->at[i]);
	return 0;
}

static int own_process(struct target *t, struct err *e)
{
	const struct ct_exec *o = t->o;
	struct arena *a = t->c->arena;
	struct oci_process *p = &t->process;
	int r = check_env(&o->env, e);

	if (r)
		return r;
	if (!t->spec.process)
		return err_set(e, EINVAL, "container %s has no process of its own to take defaults from: use --process FILE", t->rec.id);
	*p = *t->spec.process;
	p->args = o->args;
	p->env = added_env(a, &p->env, &o->env);
	p->cwd = o->cwd ? o->cwd : p->cwd;
	p->terminal = o->tty;
	p->console_size = NULL;
	p->no_new_privileges |= o->no_new_privs;
	if (o->apparmor)
		p->apparmor_profile = o->apparmor;
	if (o->selinux)
		p->selinux_label = o->selinux;
	if (o->caps.len)
		p->capabilities = add_caps(a, p->capabilities, &o->caps);
	return parse_user(a, o->user, &o->groups, p->user, &p->user, e);
}

static int plan_exec(struct target *t, struct err *e)
{
	struct process_place where = { .userns = record_namespaces(&t->rec) & CLONE_NEWUSER, .uids = &t->rec.uids, .gids = &t->rec.gids,
				       .deny_setgroups = t->rec.deny_setgroups, .linux_ = t->spec.linux_ };
	int r = 0;

	if (t->o->process)
		t->process = *t->o->process;
	else
		r = own_process(t, e);
	if (r)
		return r;
	if (!t->process.cwd || *t->process.cwd != '/')
		return err_set(e, EINVAL, "cwd \"%s\" is not an absolute path", t->process.cwd ? t->process.cwd : "");
	r = plan_process(t->c->arena, &t->process, &where, &t->plan.process, e);
	if (r)
		return r;
	t->plan.id = t->rec.id;
	t->plan.process.new_keyring = t->rec.keyring;
	t->plan.process.preserve_fds = t->o->preserve_fds;
	if (t->plan.process.terminal && t->o->detach && !t->o->console_socket)
		return err_set(e, EINVAL, "a detached exec with a terminal needs --console-socket");
	if (t->o->console_socket && !t->plan.process.terminal)
		return err_set(e, EINVAL, "--console-socket needs a terminal (--tty, or \"terminal\": true in --process)");
	return 0;
}

static int load(struct target *t, struct err *e)
{
	int r;

	t->dir = record_open_dir(t->c->root, t->o->id, RECORD_READ, e);
	r = t->dir < 0 ? t->dir : record_load(t->c->arena, t->dir, t->o->id, &t->rec, e);
	if (!r)
		r = check_status(t, e);
	if (!r)
		r = record_load_config(t->c->arena, t->dir, &t->spec, e);
	return r ? r : plan_exec(t, e);
}

/* A sub-cgroup by --cgroup, else the container's own. */
static int open_cgroup(const struct target *t, int *fd, struct err *e)
{
	const char *sub = t->o->cgroup ? path_clean(t->c->arena, t->o->cgroup) : "/";
	const char *path = t->rec.cgroup;

	if (!path)
		return 0;
	if (strcmp(sub, "/"))
		path = arena_printf(t->c->arena, "%s%s", path, sub);
	*fd = cg_open(t->rec.cgroup_mount, path);
	return *fd < 0 ? err_num(e, *fd, "open cgroup %s", path) : 0;
}

/*
 * With processes and controllers below it the container's cgroup lets nobody in ("no internal processes"): systemd as
 * init makes it so.  Then the init's own place, as long as it lies inside.
 */
static int use_cgroup_of_init(struct birth *b, const struct target *t, struct err *e)
{
	const char *line = host_cgroup_of(t->c->arena, arena_printf(t->c->arena, "/proc/%d/cgroup", (int)t->rec.pid));

	if (!line || !path_is_under(line, t->rec.cgroup))
		return err_set(e, EBUSY, "cgroup %s takes no process, and the container's init is not below it: use --cgroup", t->rec.cgroup);
	fd_done(&b->cgroup);
	b->cgroup = cg_open(t->rec.cgroup_mount, line);
	return b->cgroup < 0 ? err_num(e, b->cgroup, "open cgroup %s", line) : 0;
}

/* A container without a mount namespace of its own is held in its directory by its root alone. */
static int open_root(const struct target *t, int *fd, struct err *e)
{
	if (!t->rec.chrooted)
		return 0;
	*fd = record_root(&t->rec, t->pidfd);
	if (*fd == -ESRCH)
		return err_set(e, ESRCH, "cannot exec in container %s: container not running", t->rec.id);
	return *fd < 0 ? err_num(e, *fd, "open the root of container %s", t->rec.id) : 0;
}

/*
 * A process enters a pid namespace only by being born there, and is visible to everybody inside from that moment: a
 * stage joins everything from outside first (stage.c), then clones.
 */
static int join_and_clone(struct birth *b, struct target *t, struct err *e)
{
	int kinds = record_namespaces(&t->rec), r;
	bool stage = kinds & CLONE_NEWPID;

	b->job.role = CHILD_EXEC;
	b->job.join_pidfd = t->pidfd;
	b->job.enter_userns = kinds & CLONE_NEWUSER;
	b->job.join = kinds;
	r = birth_clone(b, 0, stage, e);
	if ((r == -EBUSY || r == -EOPNOTSUPP) && !t->o->cgroup) {
		r = use_cgroup_of_init(b, t, e);
		if (!r)
			r = birth_clone(b, 0, stage, e);
	}
	return r;
}

static int deliver(struct birth *b, struct target *t, struct err *e)
{
	const struct ct_exec *o = t->o;
	int r = birth_await_ready(b, b->job.process, e);

	if (!r && o->console_socket)
		r = console_send_fd(o->console_socket, b->console, "/dev/ptmx", 9, "--console-socket", e);
	if (!r && o->pidfd_socket)
		r = console_send_fd(o->pidfd_socket, b->pidfd, "pidfd", 5, "--pidfd-socket", e);
	if (!r && b->console >= 0 && !o->console_socket && !b->job.process->size)
		relay_copy_size(b->console);
	/* Not before: a container can stop our child at its birth (a frozen cgroup), and whoever waits must be able to end it.
	 * From GO on signals are the program's. */
	if (!r && !o->detach)
		r = t->signals = relay_block_signals(e);
	if (r >= 0)
		r = birth_go(b, e);
	return r < 0 ? r : birth_write_pid(o->pid_file, b->pid, e);
}

static int start(struct birth *b, struct target *t, struct err *e)
{
	int r = filter_compile(t->c->arena, t->c->root, t->plan.process.seccomp, &b->job.filter, e);

	if (r)
		return r;
	b->record = t->rec;
	b->dir = take_fd(&t->dir); /* closed in the child like that of a new container */
	r = open_cgroup(t, &b->cgroup, e);
	if (!r)
		r = open_root(t, &b->job.join_root, e);
	if (r)
		return r;
	r = join_and_clone(b, t, e);
	fd_done(&b->job.join_root);
	if (!r && b->job.join & CLONE_NEWPID) {
		r = birth_swap_stage(b, e);
		if (!r)
			r = chan_send(&b->chan, MSG_MAPPED, NULL, e);
	}
	if (!r)
		r = process_oom_score(&t->process, b->pid, e);
	return r ? r : deliver(b, t, e);
}

static int attend(struct birth *b, int signals, int *code, struct err *e)
{
	struct relay relay = { .pidfd = b->pidfd, .pid = b->pid, .master = take_fd(&b->console), .signals = signals, .events = -1 };
	int status = 0, r = relay_run(&relay, &status, e);

	if (!r)
		*code = proc_exit_code(status);
	return r;
}

static int run(struct target *t, int *code, struct err *e)
{
	auto_birth b = { 0 };
	int r;

	birth_init(&b, t->c, &t->plan);
	r = start(&b, t, e);
	if (r)
		return r;
	birth_keep(&b);
	return t->o->detach ? 0 : attend(&b, t->signals, code, e);
}

int ct_exec(const struct ct_ctx *c, const struct ct_exec *o, int *code, struct err *e)
{
	struct target t = { .c = c, .o = o, .dir = -1, .pidfd = -1, .signals = -1 };
	int r = birth_check_fds(o->preserve_fds, e);

	*code = 0;
	if (!r)
		r = load(&t, e);
	if (!r)
		r = guard_exe(c, &t.rec.uids, e);
	if (!r)
		r = run(&t, code, e);
	fd_done(&t.signals);
	fd_done(&t.pidfd);
	fd_done(&t.dir);
	return r;
}
