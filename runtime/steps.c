/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/steps.h"

#include <errno.h>
#include <linux/capability.h>
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
#include "runtime/reap.h"

int child_join_kinds(const struct child_job *job, struct err *e)
{
	if (setns(job->join_pidfd, job->join) < 0)
		return err_sys(e, "join the namespaces of container %s", job->plan->id);
	return 0;
}

/* The program finds every signal as a fresh process would, whatever nohup(1) or a background shell did to ours. */
int step_fresh_signals(struct child *c, struct err *e)
{
	uint64_t ignored = c->job->ignored;
	sigset_t none;

	sigemptyset(&none);
	for (int sig = 1; ignored; sig++, ignored >>= 1)
		if (ignored & 1)
			signal(sig, SIG_DFL);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? err_sys(e, "unblock signals") : 0;
}

int step_wait_maps(struct child *c, struct err *e)
{
	return chan_expect(&c->chan, MSG_MAPPED, NULL, e);
}

int step_join(struct child *c, struct err *e)
{
	return ns_join_all(&c->job->plan->ns, e);
}

int step_join_by_pidfd(struct child *c, struct err *e)
{
	return child_join_kinds(c->job, e);
}

/* setns(2) has moved us to the root of the mount namespace, which for this container is somebody else's. */
int step_enter_chroot(struct child *c, struct err *e)
{
	if (fchdir(c->job->join_root) < 0 || chroot(".") < 0)
		return err_sys(e, "enter the root of container %s", c->job->plan->id);
	close(c->job->join_root);
	return 0;
}

/* In a user namespace nobody is anybody until the ids are set; files are made as the mapped root. */
int step_become_root(struct child *c, struct err *e)
{
	int r = c->process.keep_groups ? 0 : sys_setgroups(0, NULL);

	if (!r)
		r = sys_setresgid(0);
	if (!r)
		r = sys_setresuid(0);
	return r < 0 ? err_num(e, r, "become root of the user namespace") : 0;
}

/* Until execve(2) nobody inside may trace us or look through /proc at what we hold (CVE-2016-9962). */
int step_hide(struct child *c, struct err *e)
{
	(void)c;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? err_sys(e, "become non-dumpable") : 0;
}

/* Any change of user or capabilities sets it to fs.suid_dumpable, which the administrator may have raised. */
int step_stay_hidden(struct child *c, struct err *e)
{
	return step_hide(c, e);
}

/* Away from the caller's terminal: nothing inside can type into it (CVE-2017-5226). */
int step_new_session(struct child *c, struct err *e)
{
	(void)c;
	return setsid() < 0 ? err_sys(e, "start a session") : 0;
}

int step_settings(struct child *c, struct err *e)
{
	umask(0);
	return ns_apply_settings(&c->job->plan->ns, e);
}

int step_take_trees(struct child *c, struct err *e)
{
	size_t n = mnt_parent_trees(&c->job->plan->mnt);

	c->trees = arena_array(c->process.env.arena, n, sizeof(*c->trees));
	for (size_t i = 0; i < n; i += CHAN_FDS) {
		struct chan_load load = { .fds = c->trees + i, .nfds = n - i < CHAN_FDS ? n - i : CHAN_FDS };
		int r = chan_expect(&c->chan, MSG_TREES, &load, e);

		if (r < 0)
			return r;
	}
	return 0;
}

int step_open_procfs(struct child *c, struct err *e)
{
	c->procfs = mnt_private_procfs(e);
	return c->procfs < 0 ? c->procfs : 0;
}

int step_sysctls(struct child *c, struct err *e)
{
	return ns_write_sysctls(&c->job->plan->ns, c->procfs, e);
}

int step_build_root(struct child *c, struct err *e)
{
	return mnt_build(&c->job->plan->mnt, c->trees, &c->site, e);
}

int step_open_own_root(struct child *c, struct err *e)
{
	c->site.root = fd_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	return c->site.root < 0 ? err_num(e, c->site.root, "open the container's root") : 0;
}

int step_host_hooks(struct child *c, struct err *e)
{
	struct chan_load load = { .data = &c->pid_outside, .len = sizeof(c->pid_outside) };
	int r = chan_send(&c->chan, MSG_SPACES, NULL, e);

	return r < 0 ? r : chan_expect(&c->chan, MSG_HOOKED, &load, e);
}

static int run_hooks(struct child *c, const char *what, const oci_hook_list *l, const char *status, const char *cwd, struct err *e)
{
	struct oci_state state = *c->job->state;
	int64_t pid = c->pid_outside;

	state.pid = &pid;
	state.status = status;
	return hooks_run(c->process.env.arena, what, l, &state, cwd, e);
}

int step_create_hooks(struct child *c, struct err *e)
{
	return run_hooks(c, "createContainer", &c->job->plan->spec->hooks->create_container, "creating", c->job->plan->bundle, e);
}

int step_start_hooks(struct child *c, struct err *e)
{
	return run_hooks(c, "startContainer", &c->job->plan->spec->hooks->start_container, "created", NULL, e);
}

int step_restrict_paths(struct child *c, struct err *e)
{
	return mnt_restrict(&c->job->plan->mnt, &c->site, e);
}

int step_enter_root(struct child *c, struct err *e)
{
	int r = mnt_enter(&c->job->plan->mnt, c->site.root, e);

	mnt_site_done(&c->site);
	c->moved = !r && !strcmp(c->process.cwd, "/"); /* that is where entering has put us */
	return r;
}

int step_terminal(struct child *c, struct err *e)
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

int step_stdio(struct child *c, struct err *e)
{
	return process_stdio(&c->process, e);
}

/* Keys of the caller's session must not be readable inside; a host without keyrings has none to hide. */
int step_keyring(struct child *c, struct err *e)
{
	char name[64];
	int r;

	snprintf(name, sizeof(name), "_ses.%.48s", c->job->plan->id);
	r = sys_new_session_keyring(name);
	return r < 0 && r != -ENOSYS && r != -EPERM && r != -EDQUOT ? err_num(e, r, "make a session keyring") : 0;
}

int step_limits(struct child *c, struct err *e)
{
	return process_limits(&c->process, e);
}

int step_affinity(struct child *c, struct err *e)
{
	return process_affinity(c->process.spec->exec_cpu_affinity, e);
}

int step_labels(struct child *c, struct err *e)
{
	int r = process_labels(&c->process, c->procfs, e);

	fd_done(&c->procfs);
	return r;
}

int step_load_filter(struct child *c, struct err *e)
{
	auto_fd fd = -1;
	struct chan_load load = { .fds = &fd, .nfds = 1 };
	int r = filter_load(&c->job->filter, e);

	if (r < 0 || !c->job->filter.notify)
		return r < 0 ? r : 0;
	fd = r;
	return chan_send(&c->chan, MSG_LISTENER, &load, e);
}

int step_bounding(struct child *c, struct err *e)
{
	return process_bounding(&c->process, e);
}

int step_chdir_as_root(struct child *c, struct err *e)
{
	return process_chdir(&c->process, &c->moved, false, e);
}

int step_user(struct child *c, struct err *e)
{
	return process_user(&c->process, e);
}

int step_caps(struct child *c, struct err *e)
{
	return process_caps(&c->process, e);
}

/* What the program will have, so that its directory and file are tried with it, and what loading a filter takes. */
int step_user_caps(struct child *c, struct err *e)
{
	struct process_plan with = c->process;
	uint64_t extra = 1ULL << CAP_SYS_ADMIN | 1ULL << CAP_SETPCAP;

	with.caps.permitted |= extra;
	with.caps.effective |= extra;
	with.caps.ambient = 0;
	return process_caps(&with, e);
}

int step_chdir_as_user(struct child *c, struct err *e)
{
	return process_chdir(&c->process, &c->moved, true, e);
}

int step_find_program(struct child *c, struct err *e)
{
	process_finish_env(&c->process);
	return process_find(&c->process, &c->program, e);
}

int step_no_new_privs(struct child *c, struct err *e)
{
	return process_no_new_privs(&c->process, e);
}

int step_close_others(struct child *c, struct err *e)
{
	const bool first = c->job->role == CHILD_INIT;
	const int keep[] = { c->chan.fd, first ? c->job->listener : -1, first ? c->job->init : -1 };

	return process_close_others(&c->process, keep, e);
}

int step_ready(struct child *c, struct err *e)
{
	return chan_send(&c->chan, MSG_READY, NULL, e);
}

int step_wait_go(struct child *c, struct err *e)
{
	return chan_expect(&c->chan, MSG_GO, NULL, e);
}

static void end_by_signal(int sig)
{
	_exit(128 + sig);
}

/* The first process of a pid namespace has no default actions: without a handler TERM would not end a container that
 * was only created.  execve(2) takes them away again. */
static void accept_ends(void)
{
	static const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		signal(sigs[i], end_by_signal);
}

/* The parent has written down who we are; from now on it may go.  Somebody who connects and leaves without
 * the word was only looking whether we still wait. */
int step_wait_start(struct child *c, struct err *e)
{
	int r = chan_expect(&c->chan, MSG_KEPT, NULL, e);

	fd_done(&c->chan.fd);
	accept_ends();
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

/* Signals wait from here on until the init can hand them on. */
static int execute_init(struct child *c, struct err *e)
{
	struct strv argv = { .arena = c->process.env.arena };
	sigset_t all;

	strv_add(&argv, REAP_NAME);
	strv_add(&argv, c->program);
	for (size_t i = 0; i < c->process.args.len; i++)
		strv_add(&argv, c->process.args.at[i]);
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	execveat(c->job->init, "", (char *const *)(size_t)argv.at, (char *const *)(size_t)c->process.env.at, AT_EMPTY_PATH);
	return err_sys(e, "exec kist's own init");
}

int step_execute(struct child *c, struct err *e)
{
	if (c->job->role == CHILD_INIT && c->job->init >= 0)
		return execute_init(c, e);
	execve(c->program, (char *const *)(size_t)c->process.args.at, (char *const *)(size_t)c->process.env.at);
	if (errno == ENOENT)
		return err_set(e, ENOENT, "exec \"%s\": No such file or directory: the interpreter in its first line, or its dynamic loader, is missing",
			       c->program);
	return err_sys(e, "exec \"%s\"", c->program);
}
