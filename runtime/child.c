/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation.  Each row of the tables is one step; its place is given by the reason beside it.
 * A step that fails ends the child: its sentence goes to the parent as it is, and the parent undoes the
 * rest.  A parent that dies ends the child too, because every wait is for a message.  Nothing here prints,
 * and no memory is given back: execve(2) or _exit(2) does that.
 */
#include "runtime/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "namespaces/enter.h"
#include "runtime/hooks.h"
#include "runtime/process.h"

enum when {
	ALWAYS = 0,
	MAPPED = 1 << 0,	/* user namespace: ids must be assumed */
	WAITS_MAPS = 1 << 1,
	JOINS = 1 << 2,		/* joins that the stage has not done */
	TREES = 1 << 3,
	PROCFS = 1 << 4,
	HOOKS = 1 << 5,
	TERMINAL = 1 << 6,
	EARLY_FILTER = 1 << 7,	/* needs the parent, or a privilege that is about to go */
	LATE_FILTER = 1 << 8,
	KEYRING = 1 << 9,
	STDIO = 1 << 10,
	WAITS_START = 1 << 11,
	RUNS = 1 << 12,		/* run, not create: GO comes over the channel */
	OWN_MOUNTS = 1 << 13,
};

struct child {
	const struct child_job *job;
	struct process_plan process; /* a copy: HOME is added */
	struct chan chan;
	struct mnt_site site;
	int procfs;
	int trees[CHAN_FDS * 8];
	struct mnt_console console;
	bool moved; /* cwd reached */
	const char *program;
	int pid_outside;
	struct chan start; /* create: the connection of `start` */
};

struct step {
	const char *name;
	unsigned when;
	int (*run)(struct child *c, struct err *e);
};

static int fresh_signals(struct child *c, struct err *e)
{
	sigset_t none;

	(void)c;
	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? err_sys(e, "unblock signals") : 0;
}

static int wait_maps(struct child *c, struct err *e)
{
	return chan_expect(&c->chan, MSG_MAPPED, NULL, e);
}

static int join(struct child *c, struct err *e)
{
	return ns_join_all(&c->job->plan->ns, e);
}

static int join_kinds(const struct child_job *job, struct err *e)
{
	if (setns(job->join_pidfd, job->join) < 0)
		return err_sys(e, "join the namespaces of container %s", job->plan->id);
	return 0;
}

static int join_by_pidfd(struct child *c, struct err *e)
{
	return join_kinds(c->job, e);
}

/* In a user namespace nobody is anybody until the ids are set; files are made as the mapped root. */
static int become_root(struct child *c, struct err *e)
{
	int r = c->process.keep_groups ? 0 : sys_setgroups(0, NULL);

	if (!r)
		r = sys_setresgid(0);
	if (!r)
		r = sys_setresuid(0);
	return r < 0 ? err_num(e, r, "become root of the user namespace") : 0;
}

/* Until execve(2) nobody inside may trace us or look through /proc at what we hold (CVE-2016-9962). */
static int hide(struct child *c, struct err *e)
{
	(void)c;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? err_sys(e, "become non-dumpable") : 0;
}

/* Away from the caller's terminal: nothing inside can type into it (CVE-2017-5226). */
static int new_session(struct child *c, struct err *e)
{
	(void)c;
	return setsid() < 0 ? err_sys(e, "start a session") : 0;
}

static int settings(struct child *c, struct err *e)
{
	umask(0);
	return ns_apply_settings(&c->job->plan->ns, e);
}

static int take_trees(struct child *c, struct err *e)
{
	size_t n = mnt_parent_trees(&c->job->plan->mnt);

	for (size_t i = 0; i < n; i += CHAN_FDS) {
		struct chan_load load = { .fds = c->trees + i, .nfds = n - i < CHAN_FDS ? n - i : CHAN_FDS };
		int r = chan_expect(&c->chan, MSG_TREES, &load, e);

		if (r < 0)
			return r;
	}
	return 0;
}

static int open_procfs(struct child *c, struct err *e)
{
	c->procfs = mnt_private_procfs(e);
	return c->procfs < 0 ? c->procfs : 0;
}

static int sysctls(struct child *c, struct err *e)
{
	return ns_write_sysctls(&c->job->plan->ns, c->procfs, e);
}

static int build_root(struct child *c, struct err *e)
{
	return mnt_build(&c->job->plan->mnt, c->trees, &c->site, e);
}

static int open_own_root(struct child *c, struct err *e)
{
	c->site.root = fd_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	return c->site.root < 0 ? err_num(e, c->site.root, "open the container's root") : 0;
}

static int host_hooks(struct child *c, struct err *e)
{
	struct chan_load load = { .data = &c->pid_outside, .len = sizeof(c->pid_outside) };
	int r = chan_send(&c->chan, MSG_SPACES, NULL, e);

	return r < 0 ? r : chan_expect(&c->chan, MSG_HOOKED, &load, e);
}

static int run_hooks(struct child *c, const char *what, const oci_hook_list *l, const char *status, struct err *e)
{
	struct oci_state state = *c->job->state;
	int64_t pid = c->pid_outside;

	state.pid = &pid;
	state.status = status;
	return hooks_run(c->process.env.arena, what, l, &state, NULL, e);
}

static int create_hooks(struct child *c, struct err *e)
{
	return run_hooks(c, "createContainer", &c->job->plan->spec->hooks->create_container, "creating", e);
}

static int start_hooks(struct child *c, struct err *e)
{
	return run_hooks(c, "startContainer", &c->job->plan->spec->hooks->start_container, "created", e);
}

static int restrict_paths(struct child *c, struct err *e)
{
	return mnt_restrict(&c->job->plan->mnt, &c->site, e);
}

static int enter_root(struct child *c, struct err *e)
{
	int r = mnt_enter(&c->job->plan->mnt, c->site.root, e);

	mnt_site_done(&c->site);
	return r;
}

static int terminal(struct child *c, struct err *e)
{
	struct winsize size = { 0 };
	struct chan_load load = { .fds = &c->console.master, .nfds = 1 };
	/* Without a mount namespace of its own it would be bound on the host. */
	bool bind = c->job->role == CHILD_INIT && !c->job->plan->mnt.enter_only;
	int r = mnt_make_console(c->site.root, c->process.uid, c->process.gid, bind, &c->console, e);

	if (r < 0)
		return r;
	if (c->process.size) {
		size.ws_row = (unsigned short)c->process.size->height;
		size.ws_col = (unsigned short)c->process.size->width;
		(void)ioctl(c->console.slave, TIOCSWINSZ, &size);
	}
	if (ioctl(c->console.slave, TIOCSCTTY, 0) < 0)
		return err_sys(e, "take the terminal");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(c->console.slave, fd) < 0)
			return err_sys(e, "attach the terminal");
	r = chan_send(&c->chan, MSG_CONSOLE, &load, e);
	fd_done(&c->console.master);
	fd_done(&c->console.slave);
	return r;
}

static int stdio(struct child *c, struct err *e)
{
	return process_stdio(&c->process, e);
}

/* Keys of the caller's session must not be readable inside; a host without keyrings has none to hide. */
static int keyring(struct child *c, struct err *e)
{
	char name[64];
	int r;

	snprintf(name, sizeof(name), "_ses.%.48s", c->job->plan->id);
	r = sys_new_session_keyring(name);
	return r < 0 && r != -ENOSYS && r != -EPERM && r != -EDQUOT ? err_num(e, r, "make a session keyring") : 0;
}

static int limits(struct child *c, struct err *e)
{
	return process_limits(&c->process, e);
}

static int labels(struct child *c, struct err *e)
{
	int r = process_labels(&c->process, c->procfs, e);

	fd_done(&c->procfs);
	return r;
}

static int load_filter(struct child *c, struct err *e)
{
	auto_fd fd = -1;
	struct chan_load load = { .fds = &fd, .nfds = 1 };
	int r = filter_load(&c->job->filter, e);

	if (r < 0 || !c->job->filter.notify)
		return r < 0 ? r : 0;
	fd = r;
	return chan_send(&c->chan, MSG_LISTENER, &load, e);
}

static int bounding(struct child *c, struct err *e)
{
	return process_bounding(&c->process, e);
}

static int chdir_as_root(struct child *c, struct err *e)
{
	return process_chdir(&c->process, &c->moved, false, e);
}

static int user(struct child *c, struct err *e)
{
	return process_user(&c->process, e);
}

static int caps(struct child *c, struct err *e)
{
	return process_caps(&c->process, e);
}

static int chdir_as_user(struct child *c, struct err *e)
{
	return process_chdir(&c->process, &c->moved, true, e);
}

static int find_program(struct child *c, struct err *e)
{
	process_home(&c->process);
	return process_find(&c->process, &c->program, e);
}

static int no_new_privs(struct child *c, struct err *e)
{
	return process_no_new_privs(&c->process, e);
}

static int close_others(struct child *c, struct err *e)
{
	return process_close_others(&c->process, e);
}

static int ready(struct child *c, struct err *e)
{
	return chan_send(&c->chan, MSG_READY, NULL, e);
}

static int wait_go(struct child *c, struct err *e)
{
	return chan_expect(&c->chan, MSG_GO, NULL, e);
}

/* The parent has written down who we are; from now on it may go.  Somebody who connects and leaves without
 * the word was only looking whether we still wait. */
static int wait_start(struct child *c, struct err *e)
{
	int r = chan_expect(&c->chan, MSG_KEPT, NULL, e);

	fd_done(&c->chan.fd);
	while (!r) {
		struct chan start = { accept4(c->job->listener, NULL, NULL, SOCK_CLOEXEC), CHILD };

		if (start.fd < 0 && errno != EINTR && errno != ECONNABORTED)
			return err_sys(e, "wait for start");
		if (start.fd >= 0 && chan_expect(&start, MSG_GO, NULL, NULL) == 0) {
			c->chan = start;
			close(c->job->listener);
			return 0;
		}
		fd_done(&start.fd);
	}
	return r;
}

static int execute(struct child *c, struct err *e)
{
	execve(c->program, (char *const *)(size_t)c->process.args.at, (char *const *)(size_t)c->process.env.at);
	if (errno == ENOENT)
		return err_set(e, ENOENT, "exec \"%s\": No such file or directory: the interpreter in its first line, or its dynamic loader, is missing",
			       c->program);
	return err_sys(e, "exec \"%s\"", c->program);
}

#define STEP(fn, when) { #fn, when, fn }
static const struct step init_steps[] = {
	STEP(fresh_signals, ALWAYS),
	STEP(wait_maps, WAITS_MAPS),	   /* the parent writes them from outside */
	STEP(join, JOINS),			   /* with the privilege of the caller */
	STEP(become_root, MAPPED),		   /* before the first file is made */
	STEP(hide, ALWAYS),			   /* after the maps: an unprivileged parent opens our /proc files */
	STEP(new_session, ALWAYS),
	STEP(settings, ALWAYS),
	STEP(take_trees, TREES),
	STEP(open_procfs, PROCFS),		   /* while /proc of the host is still the visible one (userns rule) */
	STEP(sysctls, PROCFS),		   /* before anything of the image is mounted */
	STEP(build_root, ALWAYS),
	STEP(host_hooks, HOOKS),		   /* config.md: namespaces exist, pivot_root not done */
	STEP(create_hooks, HOOKS),		   /* paths of the host, namespaces of the container */
	STEP(terminal, TERMINAL),		   /* needs the container's devpts */
	STEP(restrict_paths, OWN_MOUNTS),	   /* after the hooks, which may mount */
	STEP(enter_root, ALWAYS),
	STEP(stdio, STDIO),
	STEP(keyring, KEYRING),
	STEP(limits, ALWAYS),		   /* while hard limits may still be raised */
	STEP(labels, PROCFS),		   /* before the change of user: the files are root's */
	STEP(chdir_as_root, ALWAYS),
	STEP(load_filter, EARLY_FILTER),	   /* without no_new_privs it needs CAP_SYS_ADMIN */
	STEP(bounding, ALWAYS),		   /* needs CAP_SETPCAP */
	STEP(user, ALWAYS),
	STEP(caps, ALWAYS),
	STEP(chdir_as_user, ALWAYS),
	STEP(find_program, ALWAYS),		   /* as the user who will run it */
	STEP(no_new_privs, ALWAYS),
	STEP(close_others, ALWAYS),
	STEP(ready, ALWAYS),
	STEP(wait_go, RUNS),
	STEP(wait_start, WAITS_START),
	STEP(start_hooks, HOOKS),		   /* config.md: inside, before the program */
	STEP(load_filter, LATE_FILTER),	   /* as near to the program as can be */
	STEP(execute, ALWAYS),
	{ NULL, 0, NULL },
};

static const struct step exec_steps[] = {
	STEP(fresh_signals, ALWAYS),
	STEP(hide, ALWAYS),			   /* before setns: members may look at us at once */
	STEP(join_by_pidfd, JOINS),
	STEP(become_root, MAPPED),
	STEP(new_session, ALWAYS),
	STEP(open_procfs, PROCFS),
	STEP(open_own_root, TERMINAL),
	STEP(terminal, TERMINAL),
	STEP(stdio, STDIO),
	STEP(keyring, KEYRING),
	STEP(limits, ALWAYS),
	STEP(labels, PROCFS),
	STEP(chdir_as_root, ALWAYS),
	STEP(load_filter, EARLY_FILTER),
	STEP(bounding, ALWAYS),
	STEP(user, ALWAYS),
	STEP(caps, ALWAYS),
	STEP(chdir_as_user, ALWAYS),
	STEP(find_program, ALWAYS),
	STEP(no_new_privs, ALWAYS),
	STEP(close_others, ALWAYS),
	STEP(ready, ALWAYS),
	STEP(wait_go, ALWAYS),
	STEP(load_filter, LATE_FILTER),
	STEP(execute, ALWAYS),
	{ NULL, 0, NULL },
};

static const struct step *table_of(enum child_role role)
{
	return role == CHILD_INIT ? init_steps : exec_steps;
}

const char *child_step_name(enum child_role role, size_t i)
{
	return table_of(role)[i].name;
}

static bool has_hooks(const struct oci_hooks *h)
{
	return h && (h->prestart.len || h->create_runtime.len || h->create_container.len || h->start_container.len);
}

static unsigned filter_time(const struct child_job *job)
{
	if (!job->filter.program.len)
		return 0;
	return job->filter.notify || !job->process->no_new_privs ? EARLY_FILTER : LATE_FILTER;
}

static unsigned process_facts(const struct child_job *job, bool userns)
{
	const struct process_plan *p = job->process;
	unsigned f = filter_time(job);

	f |= p->terminal ? TERMINAL : 0;
	f |= !p->terminal && (p->uid || userns) ? STDIO : 0;
	f |= p->new_keyring ? KEYRING : 0;
	f |= (p->spec->apparmor_profile && *p->spec->apparmor_profile) || (p->spec->selinux_label && *p->spec->selinux_label) ? PROCFS : 0;
	return f;
}

static unsigned facts_of(const struct child_job *job)
{
	const struct plan *p = job->plan;
	unsigned f;

	if (job->role == CHILD_EXEC)
		return process_facts(job, job->enter_userns) | (job->join && !(job->join & CLONE_NEWPID) ? JOINS : 0) | (job->enter_userns ? MAPPED : 0);
	f = process_facts(job, p->ns.has & CLONE_NEWUSER);
	f |= p->ns.has & CLONE_NEWUSER ? MAPPED : 0;
	f |= p->ns.map || p->ns.stage ? WAITS_MAPS : 0;
	f |= p->ns.joins.len && !p->ns.stage ? JOINS : 0;
	f |= mnt_parent_trees(&p->mnt) ? TREES : 0;
	f |= p->ns.sysctls.len ? PROCFS : 0;
	f |= has_hooks(p->spec->hooks) ? HOOKS : 0;
	f |= job->listener >= 0 ? WAITS_START : RUNS;
	return f | (p->mnt.enter_only ? 0 : OWN_MOUNTS);
}

static void close_parents(const struct child_job *job)
{
	for (size_t i = 0; i < job->n_close; i++)
		if (job->close_at_birth[i] >= 0)
			close(job->close_at_birth[i]);
}

void child_main(const struct child_job *job, int chan)
{
	struct child c = { .job = job, .process = *job->process, .chan = { chan, CHILD }, .site.root = -1, .procfs = -1, .console = { -1, -1 } };
	unsigned facts = facts_of(job);
	struct err e = { 0 };

	close_parents(job);
	for (const struct step *s = table_of(job->role); s->run; s++) {
		if (s->when && !(s->when & facts))
			continue;
		if (s->run(&c, &e) < 0) {
			chan_fail(&c.chan, &e);
			break;
		}
	}
	_exit(127);
}

static pid_t clone_init(const struct child_job *job, int chan)
{
	struct clone_args args = { .flags = CLONE_PARENT | (uint64_t)job->plan->ns.make };
	pid_t pid = sys_clone3(&args);

	if (pid == 0)
		child_main(job, chan);
	return pid;
}

static int stage_join(const struct child_job *job, const struct chan *c, struct err *e)
{
	const struct ns_plan *ns = &job->plan->ns;
	int r;

	if (job->role == CHILD_EXEC)
		return join_kinds(job, e);
	r = ns->stage_make ? chan_expect(c, MSG_MAPPED, NULL, e) : 0;
	if (!r)
		r = ns_join_all(ns, e);
	return r || !(ns->stage_leave & CLONE_NEWTIME) ? r : ns_new_time(ns, e);
}

static int stage(const struct child_job *job, const struct chan *c, struct err *e)
{
	int pid, r = stage_join(job, c, e);
	struct chan_load load = { .data = &pid, .len = sizeof(pid) };

	if (r)
		return r;
	pid = clone_init(job, c->fd);
	if (pid < 0)
		return err_num(e, pid, "make the namespaces");
	return chan_send(c, MSG_BORN, &load, e);
}

void stage_main(const struct child_job *job, int chan)
{
	struct chan c = { chan, CHILD };
	struct err e = { 0 };

	if (stage(job, &c, &e) < 0) {
		chan_fail(&c, &e);
		_exit(127);
	}
	_exit(0);
}
