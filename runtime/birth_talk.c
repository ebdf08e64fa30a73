/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parent says and hears between the clone and "ready"; chan.h has the conversation. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "cgroups/group.h"
#include "namespaces/enter.h"
#include "runtime/birth.h"
#include "runtime/console.h"
#include "runtime/hooks.h"
#include "runtime/network.h"
#include "runtime/process.h"

static int map_ids(struct birth *b, struct err *e)
{
	int r = b->plan->ns.map ? ns_write_maps(b->c->arena, &b->plan->ns, b->pid, e) : 0;

	return r < 0 ? r : chan_send(&b->chan, MSG_MAPPED, NULL, e);
}

static int open_userns(const struct birth *b, struct err *e)
{
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", b->pid);
	fd = fd_open(AT_FDCWD, path, O_RDONLY);
	return fd < 0 ? err_num(e, fd, "open the container's user namespace") : fd;
}

static int make_and_send(const struct birth *b, int userns, size_t n, struct err *e)
{
	int *fds = arena_array(b->c->arena, n, sizeof(int));
	int r = mnt_make_trees(b->c->arena, &b->plan->mnt, b->pidfd, userns, fds, e);

	for (size_t i = 0; i < n && !r; i += CHAN_FDS) {
		struct chan_load load = { .fds = fds + i, .nfds = n - i < CHAN_FDS ? n - i : CHAN_FDS };

		r = chan_send(&b->chan, MSG_TREES, &load, e);
	}
	return r;
}

/* A process of its own, because a mount namespace cannot be left again by somebody who has entered it. */
static int send_trees(struct birth *b, struct err *e)
{
	size_t n = mnt_parent_trees(&b->plan->mnt);
	struct err said = { 0 };
	auto_fd userns = -1;
	auto_fd out = -1;
	int pair[2], status;
	pid_t pid;

	if (!n)
		return 0;
	userns = open_userns(b, e);
	if (userns < 0)
		return userns;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	pid = fork();
	if (pid == 0) {
		int r = make_and_send(b, userns, n, &said);

		if (r < 0)
			(void)fd_write_all(pair[1], (const char *)&said, sizeof(said));
		_exit(r < 0);
	}
	close(pair[1]);
	out = pair[0];
	if (pid < 0)
		return err_sys(e, "fork to make the mounts");
	if (read(out, &said, sizeof(said)) != (ssize_t)sizeof(said))
		said.code = 0;
	status = proc_wait(pid);
	if (said.code > 0)
		return err_set(e, said.code, "%s", said.msg);
	return status ? err_set(e, ECHILD, "the process that makes the mounts died") : 0;
}

static int host_hooks(struct birth *b, struct err *e)
{
	const struct oci_hooks *h = b->plan->spec->hooks;
	struct oci_state state;
	struct chan_load load = { .data = &b->pid, .len = sizeof(b->pid) };
	int r;

	if (!plan_has_hooks(h))
		return 0;
	r = chan_expect(&b->chan, MSG_SPACES, NULL, e);
	if (r < 0)
		return r;
	b->record.pid = b->pid;
	state = record_state(b->c->arena, &b->record, CT_CREATING);
	b->hooked = true;
	r = hooks_run(b->c->arena, "prestart", &h->prestart, &state, b->plan->bundle, e);
	if (!r)
		r = hooks_run(b->c->arena, "createRuntime", &h->create_runtime, &state, b->plan->bundle, e);
	return r < 0 ? r : chan_send(&b->chan, MSG_HOOKED, &load, e);
}

static int pass_listener(struct birth *b, const struct oci_seccomp *s, struct err *e)
{
	auto_fd fd = -1;
	struct chan_load load = { .fds = &fd, .nfds = 1 };
	static const char *names[] = { "seccompFd" };
	bool init = b->job.role == CHILD_INIT;
	struct oci_state state;
	struct oci_process_state ps = { .version = "1.3.0", .fds = { names, 1 }, .pid = b->pid, .metadata = s->listener_metadata,
					.state = &state };
	const char *text;
	size_t len;
	int r = chan_expect(&b->chan, MSG_LISTENER, &load, e);

	if (r < 0)
		return r;
	if (init)
		b->record.pid = b->pid;
	state = record_state(b->c->arena, &b->record, init ? CT_CREATING : CT_RUNNING);
	text = oci_encode_text(b->c->arena, &oci_process_state_object, &ps, JSON_COMPACT, &len);
	return console_send_fd(s->listener_path, fd, text, len, "linux.seccomp.listenerPath", e);
}

int birth_await_ready(struct birth *b, const struct process_plan *p, struct err *e)
{
	struct chan_load console = { .fds = &b->console, .nfds = 1 };
	int r = p->terminal ? chan_expect(&b->chan, MSG_CONSOLE, &console, e) : 0;

	if (!r && b->job.filter.notify)
		r = pass_listener(b, p->seccomp, e);
	return r < 0 ? r : chan_expect(&b->chan, MSG_READY, NULL, e);
}

static int write_ahead(struct birth *b, struct err *e)
{
	int r = proc_start(b->pid, &b->record.start, NULL);

	if (r < 0)
		return err_num(e, r, "read the start time of the container's init");
	b->record.pid = b->pid;
	return record_prepare(b->c->arena, b->dir, &b->record, e);
}

static int hand_out(struct birth *b, const struct ct_create *o, struct err *e)
{
	int r = 0;

	if (o->console_socket)
		r = console_send_fd(o->console_socket, b->console, "/dev/ptmx", 9, "--console-socket", e);
	if (!r && o->pidfd_socket)
		r = console_send_fd(o->pidfd_socket, b->pidfd, "pidfd", 5, "--pidfd-socket", e);
	if (!r)
		r = record_commit(b->dir, &b->record, e);
	if (!r)
		r = birth_write_pid(o->pid_file, b->pid, e);
	if (!r)
		b->pid_file = o->pid_file;
	return r;
}

/*
 * One that dies takes its namespaces along, and whatever is done in them fails: its own sentence says why it died.  That, or
 * the end of file, is there before they are gone (do_exit(): files, then namespaces).
 */
static int blame_child(const struct birth *b, int r, struct err *e)
{
	struct pollfd p = { b->chan.fd, POLLIN, 0 };
	struct err said = { 0 };

	while (r < 0 && poll(&p, 1, 0) > 0) {
		int told = chan_expect(&b->chan, MSG_READY, NULL, &said);

		if (!told || told == -EPROTO) /* what it had said before */
			continue;
		if (e)
			*e = said;
		return told;
	}
	return r;
}

int birth_converse(struct birth *b, const struct ct_create *o, struct err *e)
{
	const struct ns_plan *ns = &b->plan->ns;
	int r = process_oom_score(b->plan->process.spec, b->pid, e);

	/* The verifier's time is spent while the child mounts; nothing of the image runs before READY. */
	if (!r && b->cgroup >= 0)
		r = cg_attach_devices(b->c->arena, b->cgroup, &b->plan->cg.devices, e);
	if (!r && ns->stage_make)
		r = map_ids(b, e);
	if (!r && ns->stage)
		r = birth_swap_stage(b, e);
	if (!r && ((ns->map && !ns->stage_make) || ns->stage))
		r = ns->stage_make ? chan_send(&b->chan, MSG_MAPPED, NULL, e) : map_ids(b, e);
	if (!r)
		r = send_trees(b, e);
	/* Written while the child mounts, true once it is ready. */
	if (!r)
		r = write_ahead(b, e);
	/* While the child builds its root, and before the hooks, which may look for it. */
	if (!r)
		r = blame_child(b, network_up(b, e), e);
	if (!r)
		r = host_hooks(b, e);
	if (!r)
		r = birth_await_ready(b, &b->plan->process, e);
	return r ? r : hand_out(b, o, e);
}

/* Without a parent's word of what killed the child, the kernel may have been the one (out of memory). */
int birth_explain_death(struct birth *b, int r, struct err *e)
{
	int status;

	if (r != -ECHILD || b->pidfd < 0 || waitpid(b->pid, &status, WNOHANG) != b->pid)
		return r;
	fd_done(&b->pidfd);
	if (WIFSIGNALED(status))
		return err_hint(e, r, "it was killed by signal %d%s", WTERMSIG(status),
				WTERMSIG(status) == SIGSYS ? ", its own seccomp filter forbids what the start needs"
				: WTERMSIG(status) == SIGKILL ? ", perhaps because memory ran out"
							      : "");
	return r;
}
