/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/birth.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/self.h"
#include "base/sys.h"
#include "cgroups/group.h"
#include "runtime/child.h"
#include "runtime/destroy.h"
#include "runtime/files.h"
#include "runtime/hooks.h"
#include "runtime/stage.h"

void birth_init(struct birth *b, const struct ct_ctx *c, const struct plan *plan)
{
	*b = (struct birth){ .c = c, .plan = plan, .dir = -1, .cgroup = -1, .pidfd = -1, .console = -1, .chan = { -1, PARENT }, .scope.fd = -1 };
	b->job = (struct child_job){ .plan = plan, .process = &plan->process, .listener = -1, .join_pidfd = -1, .netns = -1, .init = -1, .join_root = -1 };
}

static void run_poststop(const struct birth *b)
{
	struct oci_state state = record_state(b->c->arena, &b->record, CT_STOPPED);

	hooks_run_all(b->c->arena, "poststop", &b->plan->spec->hooks->poststop, &state, b->plan->bundle);
}

void birth_keep(struct birth *b)
{
	b->kept = true;
}

/* The reverse order of making; each part may be absent. */
void birth_done(struct birth *b)
{
	fd_done(&b->chan.fd);
	cg_scope_release(&b->scope);
	if (!b->kept) {
		if (b->pidfd >= 0) {
			(void)sys_pidfd_kill(b->pidfd, SIGKILL);
			(void)proc_wait(b->pid);
		}
		if (b->pid_file)
			(void)unlink(b->pid_file);
		/* What cannot be removed keeps its record, so that `delete --force` finds it. */
		if (b->dir_made && destroy_outside(b->c, &b->record, NULL) == 0)
			(void)record_remove_dir(b->c->root, b->plan->id, b->dir, NULL);
		/* runtime.md, "Lifecycle" 12-13: what the first hooks set up, these take down, also after a failure. */
		if (b->hooked)
			run_poststop(b);
	}
	fd_done(&b->job.listener);
	fd_done(&b->console);
	fd_done(&b->pidfd);
	fd_done(&b->cgroup);
	fd_done(&b->dir);
}

static const char *now(struct arena *a)
{
	char *text = arena_alloc(a, TEXT_TIME);
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	text_time(text, &t);
	return text;
}

static struct ct_record first_record(const struct ct_ctx *c, const struct plan *p)
{
	struct ct_record r = { .id = p->id, .bundle = p->bundle, .rootfs = p->mnt.root, .created = now(c->arena) };
	uid_t uid = sys_euid();

	r.owner = uid ? arena_printf(c->arena, "%u", uid) : "root";
	r.unit = p->cg.unit.name;
	r.user_unit = p->cg.unit.user;
	r.data = p->net.wishes.len ? c->data : NULL;
	if (p->cg.path) {
		r.cgroup_mount = p->cgroup_mount;
		r.cgroup = p->cg.path;
	}
	r.namespaces.at = arena_array(c->arena, NS_KINDS, sizeof(int));
	r.made.at = arena_array(c->arena, NS_KINDS, sizeof(int));
	for (size_t i = 0; i < NS_KINDS; i++) {
		if (p->ns.has & ns_kinds[i].flag)
			r.namespaces.at[r.namespaces.len++] = ns_kinds[i].flag;
		if ((p->ns.make | p->ns.stage_make | p->ns.stage_leave) & ns_kinds[i].flag)
			r.made.at[r.made.len++] = ns_kinds[i].flag;
	}
	r.chrooted = p->mnt.enter_only;
	r.uids = p->ns.uids;
	r.gids = p->ns.gids;
	r.deny_setgroups = p->ns.deny_setgroups;
	r.hooks = p->spec->hooks != NULL;
	r.keyring = p->process.new_keyring;
	r.annotations = p->spec->annotations;
	return r;
}

static int make_state(struct birth *b, const char *config, size_t len, struct err *e)
{
	int r;

	b->dir = record_make_dir(b->c->root, b->plan->id, e);
	if (b->dir < 0)
		return b->dir;
	b->dir_made = true;
	r = record_save(b->c->arena, b->dir, &b->record, e);
	return r ? r : record_save_config(b->dir, config, len, e);
}

/* The scope is there before the init, which is born in its cgroup like in any other. */
static int make_scope(struct birth *b, struct err *e)
{
	const struct cg_plan *p = &b->plan->cg;
	const char *path;
	int r = cg_scope_start(b->c->arena, self_helper(b->c->arena, b->c->argv[0], "kist-systemd"), &p->unit, &b->scope, &path, e);

	if (r) {
		b->record.unit = NULL; /* nothing to stop */
		return r;
	}
	b->record.cgroup_mount = b->plan->cgroup_mount;
	b->record.cgroup = path;
	b->cgroup = cg_open(b->record.cgroup_mount, path);
	if (b->cgroup < 0)
		return err_num(e, b->cgroup, "open the scope's cgroup %s%s", b->record.cgroup_mount, path);
	/* systemd has set what it has properties for; the rest, and what it rounds, is ours by Delegate=yes. */
	r = cg_mark(b->cgroup, b->plan->id, e);
	if (!r)
		r = cg_enable(p, b->record.cgroup_mount, path, e);
	return r ? r : cg_write_limits(p, b->cgroup, false, e);
}

static int make_cgroup(struct birth *b, struct err *e)
{
	int r;

	if (b->plan->cg.unit.name)
		return make_scope(b, e);
	if (!b->plan->cg.path)
		return 0;
	r = cg_make(&b->plan->cg, b->record.cgroup_mount, b->plan->id, &b->cgroup, e);
	if (r < 0 || b->cgroup < 0) /* nothing to undo, or an optional one that is not permitted */
		b->record.cgroup = b->record.cgroup_mount = NULL;
	return r;
}

static int prepare_cgroup(struct birth *b, struct err *e)
{
	int r = make_cgroup(b, e);

	return r || b->cgroup < 0 || !b->plan->cg.owner ? r : cg_give(b->c->arena, b->cgroup, b->plan->cg.owner, e);
}

static int open_channel(struct birth *b, int *child_end, struct err *e)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make the channel to the container");
	b->chan.fd = pair[0];
	*child_end = pair[1];
	return 0;
}

/* clone(2) tells by one number of two limits, one of which is the container's own. */
static int too_many(const struct birth *b, struct err *e)
{
	auto_arena a = { 0 };
	char *most;

	if (b->cgroup >= 0 && file_read(&a, b->cgroup, "pids.max", 64, &most, NULL) == 0 && strncmp(most, "max", 3))
		return err_set(e, EAGAIN, "start a process: Resource temporarily unavailable; the container may have %.*s processes and threads "
					  "(pids.max, linux.resources.pids.limit) and has as many", (int)strcspn(most, "\n"), most);
	return err_set(e, EAGAIN, "start a process: Resource temporarily unavailable; a limit of processes is reached: pids.max of a cgroup above, "
				  "RLIMIT_NPROC of the user, or kernel.pid_max");
}

static int clone_error(const struct birth *b, int r, int flags, struct err *e)
{
	if (r == -EAGAIN)
		return too_many(b, e);
	if (r == -EPERM && flags & CLONE_NEWUSER)
		return err_set(e, EPERM, "make the namespaces: Operation not permitted; this host does not let users make user namespaces "
					 "(sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)");
	if (r == -EBUSY || r == -EOPNOTSUPP)
		return err_num(e, r, "put the process into the cgroup (one with controllers enabled for its children takes none)");
	if (r == -ENOSPC)
		return err_set(e, ENOSPC, "make the namespaces: the host's limit of namespaces is reached (sysctl user.max_*_namespaces)");
	if (r == -EINVAL)
		return err_set(e, EINVAL, "make the namespaces: this kernel lacks one that was asked for");
	return err_num(e, r, "make the namespaces");
}

/* The kernel wants the right to move processes where the cgroups of parent and child meet; above a login session and
 * the user's manager root has it. */
static bool leave_session(const struct birth *b, int r)
{
	struct err said = { 0 };

	if (r != -EACCES || b->cgroup < 0 || sys_euid() == 0)
		return false;
	return cg_scope_adopt(b->c->arena, self_helper(b->c->arena, b->c->argv[0], "kist-systemd"), &said) == 0;
}

int birth_clone(struct birth *b, int flags, bool stage, struct err *e)
{
	struct clone_args args = { .flags = CLONE_PIDFD | (uint64_t)flags, .exit_signal = SIGCHLD };
	int pidfd = -1, child_end = -1, r;

	fd_done(&b->chan.fd); /* of a first try */
	r = open_channel(b, &child_end, e);
	if (r < 0)
		return r;
	args.pidfd = (uintptr_t)&pidfd;
	if (b->cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)b->cgroup;
	}
	b->job.ignored = proc_ignored_signals();
	r = sys_clone3(&args);
	if (leave_session(b, r))
		r = sys_clone3(&args);
	if (r == 0) {
		if (stage)
			stage_main(&b->job, child_end);
		child_main(&b->job, child_end);
	}
	close(child_end);
	if (r < 0)
		return clone_error(b, r, flags, e);
	b->pid = r;
	b->pidfd = pidfd;
	cg_scope_let_go(&b->scope);
	return 0;
}

/* A stage that died after its clone leaves a child that waits for us and holds the channel open: no end of file comes,
 * only the stage's own end tells.  What it said before is there by then. */
static int await_stage(const struct birth *b, struct err *e)
{
	struct pollfd p[2] = { { b->chan.fd, POLLIN, 0 }, { b->pidfd, POLLIN, 0 } };

	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return err_sys(e, "wait for the stage of the container");
	if (p[0].revents || poll(p, 1, 0) > 0)
		return 0;
	return err_set(e, ECHILD, "the process that joins the namespaces died before \"init born\"");
}

/* The stage has cloned the init as our own child and goes; from here the init is what we speak with. */
int birth_swap_stage(struct birth *b, struct err *e)
{
	int pid = 0;
	struct chan_load load = { .data = &pid, .len = sizeof(pid) };
	int r = await_stage(b, e);

	if (!r)
		r = chan_expect(&b->chan, MSG_BORN, &load, e);

	if (r < 0)
		return r;
	(void)proc_wait(b->pid);
	fd_done(&b->pidfd);
	b->pid = pid;
	b->pidfd = sys_pidfd_open(pid);
	return b->pidfd < 0 ? err_num(e, b->pidfd, "hold the container's init") : 0;
}

int birth_container(struct birth *b, const struct ct_create *o, const char *config, size_t len, struct err *e)
{
	const struct plan *p = b->plan;
	struct oci_state state;
	int r;

	b->record = first_record(b->c, p);
	r = make_state(b, config, len, e);
	if (!r)
		r = filter_compile(b->c->arena, b->c->root, p->process.seccomp, &b->job.filter, e);
	if (!r)
		r = prepare_cgroup(b, e);
	if (!r)
		r = files_make(b->c, b->plan, e);
	if (!r && !o->run) {
		b->job.listener = record_listen(b->dir, e);
		r = b->job.listener < 0 ? b->job.listener : 0;
	}
	if (r)
		return r;
	state = record_state(b->c->arena, &b->record, CT_CREATING);
	b->job.state = &state;
	r = birth_clone(b, p->ns.stage ? p->ns.stage_make : p->ns.make, p->ns.stage, e);
	if (!r)
		r = birth_converse(b, o, e);
	b->job.state = NULL;
	return r < 0 ? birth_explain_death(b, r, e) : 0;
}

int birth_go(struct birth *b, struct err *e)
{
	int r = chan_send(&b->chan, MSG_GO, NULL, e);

	return r < 0 ? r : chan_expect_end(&b->chan, e);
}

int birth_write_pid(const char *file, pid_t pid, struct err *e)
{
	char text[16], dir[PATH_MAX];
	int n = snprintf(text, sizeof(text), "%d", pid), r = 0;
	const char *slash = file ? strrchr(file, '/') : NULL;
	auto_fd at = -1;

	if (!file)
		return 0;
	if (snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - file) + 1 : 1, slash ? file : ".") >= (int)sizeof(dir))
		r = -ENAMETOOLONG;
	at = r ? r : fd_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY);
	r = at < 0 ? at : file_put(at, slash ? slash + 1 : file, text, (size_t)n, 0644, FILE_VOLATILE);
	return r < 0 ? err_num(e, r, "write --pid-file %s", file) : 0;
}

int birth_check_fds(unsigned n, struct err *e)
{
	enum { MOST_FDS = 1 << 20 };

	if (n > MOST_FDS)
		return err_set(e, EINVAL, "--preserve-fds %u is more than a process can have", n);
	for (unsigned fd = 3; fd < 3 + n; fd++) {
		int flags = fcntl((int)fd, F_GETFD);

		if (flags < 0 || flags & FD_CLOEXEC)
			return err_set(e, EBADF, "--preserve-fds (or LISTEN_FDS) says %u descriptors, but the caller did not pass descriptor %u", n, fd);
	}
	return 0;
}
