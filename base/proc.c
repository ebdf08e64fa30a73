/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

int proc_start(pid_t pid, uint64_t *start, char *state)
{
	char path[32], buf[1024], *p;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	{
		auto_fd fd = fd_open(AT_FDCWD, path, O_RDONLY);

		if (fd < 0)
			return fd == -ENOENT ? -ESRCH : fd;
		n = read(fd, buf, sizeof(buf) - 1);
		if (n <= 0)
			return -ESRCH;
	}
	buf[n] = 0;
	/* The name may hold spaces and brackets: fields count from the last bracket (proc(5)). */
	p = strrchr(buf, ')');
	if (!p || p[1] != ' ')
		return -EIO;
	p += 2;
	if (state)
		*state = *p;
	for (int field = 3; field < 22 && p; field++) {
		p = strchr(p, ' ');
		p += p != NULL;
	}
	if (!p)
		return -EIO;
	*start = strtoull(p, NULL, 10);
	return 0;
}

uint64_t proc_ignored_signals(void)
{
	static const int usual[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGCHLD };
	struct sigaction now;
	uint64_t mask = 0;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (sigaction(usual[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN)
			mask |= 1ULL << (usual[i] - 1);
	if (mask & 1ULL << (SIGCHLD - 1))
		signal(SIGCHLD, SIG_DFL);
	return mask;
}

int proc_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

int proc_exit_code(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : -1;
}

static __attribute__((noreturn)) void job_child(const struct proc_job *job, int in, int err_fd)
{
	auto_fd null = fd_open(AT_FDCWD, "/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(in >= 0 ? in : null, STDIN_FILENO);
	if (err_fd >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(err_fd, STDERR_FILENO);
	}
	sys_close_range(3, ~0U, 0);
	if (!job->cwd || chdir(job->cwd) == 0)
		execve(job->path, (char *const *)(size_t)job->argv, (char *const *)(size_t)job->envp);
	dprintf(STDERR_FILENO, "%s: %s\n", job->path, strerror(errno));
	_exit(127);
}

static long ms_left(const struct timespec *end)
{
	struct timespec now;

	if (!end->tv_sec)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
}

/* Keeps the last part of what the helper says: its final sentence explains a failure. */
static void keep_tail(const struct proc_job *job, const char *data, size_t n)
{
	size_t have = strlen(job->says), room = job->says_size - 1;

	if (n > room) {
		data += n - room;
		n = room;
	}
	if (have + n > room) {
		size_t drop = have + n - room;

		memmove(job->says, job->says + drop, have - drop);
		have -= drop;
	}
	memcpy(job->says + have, data, n);
	job->says[have + n] = 0;
}

static void feed(const struct proc_job *job, int *in, size_t *sent)
{
	ssize_t n = write(*in, job->input + *sent, job->input_len - *sent);

	*sent += n > 0 ? (size_t)n : 0;
	if ((n < 0 && errno != EAGAIN) || *sent == job->input_len)
		fd_done(in);
}

/* What is there now: a grandchild that inherited the pipe may go on writing for ever. */
static void drain(const struct proc_job *job, int *out)
{
	char buf[512];
	ssize_t n = 1;

	for (int i = 0; i < 64 && *out >= 0 && n > 0; i++) {
		n = read(*out, buf, sizeof(buf));
		if (n > 0)
			keep_tail(job, buf, (size_t)n);
		else if (n == 0 || errno != EAGAIN)
			fd_done(out);
	}
}

/* Feeds stdin, drains stderr, waits for the end: all three at once, or a chatty helper would deadlock. */
static int attend(const struct proc_job *job, int pidfd, int *in, int *out)
{
	struct timespec end = { 0, 0 };
	size_t sent = 0;

	if (job->timeout_s) {
		clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_sec += job->timeout_s;
	}
	for (;;) {
		struct pollfd p[3] = { { pidfd, POLLIN, 0 }, { *in, POLLOUT, 0 }, { *out, POLLIN, 0 } };
		long left = ms_left(&end);

		if (job->timeout_s && left <= 0)
			return -ETIMEDOUT;
		if (poll(p, 3, (int)left) < 0 && errno != EINTR)
			return -errno;
		if (p[1].revents)
			feed(job, in, &sent);
		if (p[2].revents || p[0].revents)
			drain(job, out);
		if (p[0].revents)
			return 0;
	}
}

static int spawn(const struct proc_job *job, int *in, int *out, struct err *e)
{
	int pin[2] = { -1, -1 }, pout[2] = { -1, -1 };
	pid_t pid;

	if (job->input && pipe2(pin, O_CLOEXEC) < 0)
		return err_sys(e, "pipe for %s", job->path);
	if (job->says && pipe2(pout, O_CLOEXEC) < 0) {
		int r = err_sys(e, "pipe for %s", job->path);

		fd_done(&pin[0]);
		fd_done(&pin[1]);
		return r;
	}
	pid = fork();
	if (pid == 0)
		job_child(job, pin[0], pout[1]);
	fd_done(&pin[0]);
	fd_done(&pout[1]);
	*in = pin[1];
	*out = pout[0];
	return pid < 0 ? err_sys(e, "fork for %s", job->path) : pid;
}

int proc_run(const struct proc_job *job, struct err *e)
{
	auto_fd in = -1;
	auto_fd out = -1;
	auto_fd pidfd = -1;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, dfl = { .sa_handler = SIG_DFL }, was, was_child;
	int status = 0, r;
	pid_t pid;

	/* A caller may have had it ignored, and then the kernel would take the exit status away from us.  Only then is it
	 * touched: setting a default discards what is pending. */
	sigaction(SIGCHLD, NULL, &was_child);
	if (was_child.sa_handler == SIG_IGN)
		sigaction(SIGCHLD, &dfl, NULL);
	pid = spawn(job, &in, &out, e);
	if (pid < 0)
		return pid;
	/* A helper that does not read its stdin must not kill us. */
	sigaction(SIGPIPE, &ignore, &was);
	if (in >= 0)
		fcntl(in, F_SETFL, O_NONBLOCK);
	if (out >= 0)
		fcntl(out, F_SETFL, O_NONBLOCK);
	pidfd = sys_pidfd_open(pid);
	r = pidfd < 0 ? pidfd : attend(job, pidfd, &in, &out);
	sigaction(SIGPIPE, &was, NULL);
	if (r < 0)
		kill(pid, SIGKILL);
	status = proc_wait(pid);
	if (was_child.sa_handler == SIG_IGN)
		sigaction(SIGCHLD, &was_child, NULL);
	if (r == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT, "%s did not end within %u s and was killed", job->path, job->timeout_s);
	if (r < 0)
		return err_num(e, r, "wait for %s", job->path);
	if (WIFSIGNALED(status))
		return err_set(e, EIO, "%s was killed by signal %d", job->path, WTERMSIG(status));
	if (WEXITSTATUS(status))
		return err_set(e, EIO, "%s failed with exit code %d%s%s", job->path, WEXITSTATUS(status),
			       job->says && *job->says ? ": " : "", job->says ? job->says : "");
	return 0;
}
