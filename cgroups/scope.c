/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/scope.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

enum { ANSWER_MS = 40000, ANSWER_BYTES = 4600 };

/* Where the caller's own bus is; nothing else of the environment concerns it. */
static const char *const *bus_env(struct arena *a)
{
	static const char *const names[] = { "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS" };
	struct strv env = { .arena = a };

	strv_add(&env, "LC_ALL=C");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			strv_setenv(&env, names[i], v);
	}
	return env.at;
}

static __attribute__((noreturn)) void become(const char *program, const char *const *argv, const char *const *envp, int fd)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	sys_close_range(3, ~0U, 0);
	execve(program, (char *const *)(size_t)argv, (char *const *)(size_t)envp);
	dprintf(STDOUT_FILENO, "E execute %s: %s\n", program, strerror(errno));
	_exit(1);
}

static int begin(struct arena *a, const char *program, const char *verb, const char *unit, bool user, struct cg_scope *hold, struct err *e)
{
	const char *all[] = { "kist-systemd", "--user", verb, unit, NULL }, *system[] = { "kist-systemd", verb, unit, NULL };
	const char *const *envp = bus_env(a);
	int pair[2];

	if (!program)
		return err_set(e, ENOENT, "kist-systemd is not installed: the systemd cgroup manager needs it (built when libsystemd-dev is there); "
					  "or use --cgroup-manager cgroupfs");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket for kist-systemd");
	hold->pid = fork();
	if (hold->pid == 0)
		become(program, user ? all : system, envp, pair[1]);
	close(pair[1]);
	hold->fd = pair[0];
	if (hold->pid > 0)
		return 0;
	hold->pid = 0;
	fd_done(&hold->fd);
	return err_sys(e, "fork for kist-systemd");
}

void cg_scope_let_go(struct cg_scope *hold)
{
	fd_done(&hold->fd);
}

void cg_scope_release(struct cg_scope *hold)
{
	cg_scope_let_go(hold);
	while (hold->pid > 0 && waitpid(hold->pid, NULL, 0) < 0 && errno == EINTR)
		;
	hold->pid = 0;
}

/* One line: "P path", "E sentence"; or the end of the stream. */
static int answer(struct cg_scope *hold, char line[ANSWER_BYTES], struct err *e)
{
	size_t n = 0;

	while (n < ANSWER_BYTES - 1) {
		struct pollfd p = { hold->fd, POLLIN, 0 };
		int ready = poll(&p, 1, ANSWER_MS);
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return err_set(e, ETIMEDOUT, "systemd did not answer within %d s", ANSWER_MS / 1000);
		got = read(hold->fd, line + n, 1);
		if (got <= 0 || line[n] == '\n')
			break;
		n++;
	}
	line[n] = 0;
	return *line == 'E' ? err_set(e, EIO, "systemd: %s", line + 2) : 0;
}

static int tell(struct cg_scope *hold, const char *wire, struct err *e)
{
	ssize_t n = send(hold->fd, wire, strlen(wire), MSG_NOSIGNAL);

	return n == (ssize_t)strlen(wire) || errno == EPIPE ? 0 : err_sys(e, "speak to kist-systemd");
}

int cg_scope_start(struct arena *a, const char *program, const struct cg_unit *u, struct cg_scope *hold, const char **path, struct err *e)
{
	char line[ANSWER_BYTES];
	int r = begin(a, program, "start", u->name, u->user, hold, e);

	if (!r)
		r = tell(hold, cg_unit_wire(a, u), e);
	if (!r)
		r = answer(hold, line, e);
	if (!r && (line[0] != 'P' || line[2] != '/'))
		r = err_set(e, EPROTO, "kist-systemd gave no cgroup for %s", u->name);
	if (!r)
		*path = arena_strdup(a, line + 2);
	return r;
}

struct question {
	const char *verb, *unit, *wire;
	bool user;
};

static int ask(struct arena *a, const char *program, const struct question *q, char line[ANSWER_BYTES], struct err *e)
{
	struct cg_scope hold = { 0, -1 };
	int r = begin(a, program, q->verb, q->unit, q->user, &hold, e);

	if (!r)
		r = tell(&hold, q->wire, e);
	if (!r)
		r = answer(&hold, line, e);
	cg_scope_release(&hold);
	return r;
}

static int whole(struct arena *a, const char *program, const char *verb, const char *unit, bool user, const char *wire, struct err *e)
{
	struct question q = { verb, unit, wire, user };
	char line[ANSWER_BYTES];

	return ask(a, program, &q, line, e);
}

int cg_scope_find(struct arena *a, const char *program, const char *unit, bool user, const char **path, struct err *e)
{
	struct question q = { "find", unit, "\n", user };
	char line[ANSWER_BYTES];
	int r = ask(a, program, &q, line, e);

	*path = !r && line[0] == 'P' && line[1] && line[2] == '/' ? arena_strdup(a, line + 2) : NULL;
	return r;
}

int cg_scope_adopt(struct arena *a, const char *program, struct err *e)
{
	const char *unit = arena_printf(a, "kist-caller-%d.scope", (int)getpid());

	return whole(a, program, "adopt", unit, true, "Description\ts\tkist at work\nCollectMode\ts\tinactive-or-failed\n\n", e);
}

int cg_scope_set(struct arena *a, const char *program, const struct cg_unit *u, struct err *e)
{
	return u->props.len ? whole(a, program, "set", u->name, u->user, cg_unit_wire(a, u), e) : 0;
}

int cg_scope_stop(struct arena *a, const char *program, const char *unit, bool user, struct err *e)
{
	return whole(a, program, "stop", unit, user, "\n", e);
}
