/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/console.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/sys.h"
#include "cgroups/control.h"

/* Long paths are reached through their directory's descriptor. */
static int connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *slash = strrchr(path, '/');
	auto_fd dir = -1;
	auto_fd s = -1;
	char parent[PATH_MAX];

	if (strlen(path) < sizeof(sa.sun_path)) {
		memcpy(sa.sun_path, path, strlen(path));
	} else {
		if (!slash || (size_t)(slash - path) >= sizeof(parent))
			return -ENAMETOOLONG;
		memcpy(parent, path, (size_t)(slash - path));
		parent[slash - path] = 0;
		dir = fd_open(AT_FDCWD, parent, O_PATH | O_DIRECTORY);
		if (dir < 0)
			return dir;
		if (snprintf(sa.sun_path, sizeof(sa.sun_path), "/proc/self/fd/%d/%s", dir, slash + 1) >= (int)sizeof(sa.sun_path))
			return -ENAMETOOLONG;
	}
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || connect(s, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	return take_fd(&s);
}

int console_send_fd(const char *path, int fd, const void *data, size_t len, const char *option, struct err *e)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} ctl = { 0 };
	struct iovec iov = { (void *)(size_t)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ctl, .msg_controllen = sizeof(ctl) };
	auto_fd s = connect_to(path);

	if (s < 0)
		return err_num(e, s, "connect to %s %s", option, path);
	ctl.align.cmsg_level = SOL_SOCKET;
	ctl.align.cmsg_type = SCM_RIGHTS;
	ctl.align.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&ctl.align), &fd, sizeof(fd));
	if (sendmsg(s, &msg, MSG_NOSIGNAL) != (ssize_t)len)
		return err_sys(e, "send a descriptor to %s %s", option, path);
	return 0;
}

int relay_block_signals(struct err *e)
{
	sigset_t all;
	int fd;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return err_sys(e, "block signals");
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_sys(e, "make a signalfd") : fd;
}

void relay_copy_size(int master)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		(void)ioctl(master, TIOCSWINSZ, &size);
}

/* SIGCHLD is told by the pidfd already; SIGPIPE and the stops of a background job are about our own descriptors. */
static void take_signal(struct relay *r, int sig)
{
	bool ours = sig == SIGCHLD || sig == SIGPIPE || (r->master >= 0 && (sig == SIGTTIN || sig == SIGTTOU || sig == SIGTSTP));

	if (sig == SIGWINCH && r->master >= 0)
		relay_copy_size(r->master);
	else if (!ours)
		(void)sys_pidfd_kill(r->pidfd, sig);
}

static void take_signals(struct relay *r)
{
	struct signalfd_siginfo si[8];
	ssize_t n;

	do {
		n = read(r->signals, si, sizeof(si));
		for (ssize_t i = 0; i < n / (ssize_t)sizeof(si[0]); i++)
			take_signal(r, (int)si[i].ssi_signo);
	} while (n == (ssize_t)sizeof(si));
}

struct pump {
	int from, to;
	char buf[4096];
	size_t have, sent;
	bool ended, deaf; /* deaf: nobody reads any more; what comes is taken all the same, or the program would stall */
};

static void pump_read(struct pump *p)
{
	ssize_t n = read(p->from, p->buf, sizeof(p->buf));

	if (n > 0) {
		p->have = p->deaf ? 0 : (size_t)n;
		p->sent = 0;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		p->ended = true; /* EIO: the last process closed its side of the terminal */
	}
}

static void pump_write(struct pump *p)
{
	ssize_t n = write(p->to, p->buf + p->sent, p->have - p->sent);

	if (n > 0)
		p->sent += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		p->deaf = true;
	if (p->deaf || p->sent == p->have)
		p->have = p->sent = 0;
}

static struct pollfd wants(const struct pump *p)
{
	if (p->ended)
		return (struct pollfd){ .fd = -1 };
	return p->have ? (struct pollfd){ p->to, POLLOUT, 0 } : (struct pollfd){ p->from, POLLIN, 0 };
}

static void serve(struct pump *p, short revents)
{
	if (!revents)
		return;
	if (p->have)
		pump_write(p);
	else
		pump_read(p);
}

/* Until the child is dead and everything that it wrote is out. */
static int loop(struct relay *r, int *status, struct err *e)
{
	struct pump in = { .from = STDIN_FILENO, .to = r->master, .ended = r->master < 0 };
	struct pump out = { .from = r->master, .to = STDOUT_FILENO, .ended = r->master < 0 };
	bool dead = false;

	while (!dead || !out.ended) {
		struct pollfd p[5] = { { r->signals, POLLIN, 0 }, wants(&in), wants(&out), { dead ? -1 : r->pidfd, POLLIN, 0 },
				       { r->events, POLLPRI, 0 } };
		int n = poll(p, 5, dead ? 200 : -1);

		if (n < 0 && errno != EINTR)
			return err_sys(e, "wait for the container");
		if (dead && n == 0)
			break; /* a process left behind keeps the terminal open */
		serve(&in, p[1].revents);
		serve(&out, p[2].revents);
		if (p[0].revents)
			take_signals(r);
		if (p[4].revents && cg_oom_kills(r->events, &r->oom_kills) < 0)
			fd_done(&r->events); /* the cgroup is gone, and would wake us for ever */
		if (p[3].revents) {
			dead = true;
			*status = proc_wait(r->pid);
		}
	}
	return 0;
}

int relay_run(struct relay *r, int *status, struct err *e)
{
	struct termios was, raw;
	bool restore = r->master >= 0 && tcgetattr(STDIN_FILENO, &was) == 0;
	int rc;

	if (restore) {
		raw = was;
		cfmakeraw(&raw);
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	rc = loop(r, status, e);
	if (restore)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &was);
	fd_done(&r->master);
	fd_done(&r->events);
	return rc;
}
