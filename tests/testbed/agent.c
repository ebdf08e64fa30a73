/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The testbed's hand inside a host: runs what arrives on a virtio-serial port, one command at a time.
 *   host → agent   "R LENGTH\n" and a shell script;  "T SECONDS.NANOSECONDS\n" sets the clock
 *   agent → host   "H\n" ready;  "O LENGTH\n" or "E LENGTH\n" and output or errors;  "X STATUS\n" ended
 * A port without a peer reads as its end and refuses writes, so both are tried again.  When the peer goes away
 * the command is killed.  Static, so that one build serves every userland.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int port;

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static void put(const void *data, size_t size)
{
	for (const char *p = data; size > 0;) {
		ssize_t n = write(port, p, size);

		if (n < 0) {
			pause_ms(20);
			continue;
		}
		p += n;
		size -= (size_t)n;
	}
}

static void get(void *data, size_t size)
{
	for (char *p = data; size > 0;) {
		ssize_t n = read(port, p, size);

		if (n <= 0) {
			pause_ms(20);
			continue;
		}
		p += n;
		size -= (size_t)n;
	}
}

static void put_line(char kind, unsigned long number)
{
	char line[32];

	put(line, (size_t)snprintf(line, sizeof line, "%c %lu\n", kind, number));
}

static _Noreturn void become(const char *script, const int *out, const int *err)
{
	int null = open("/dev/null", O_RDONLY);

	setsid(); /* the group that is killed; and a script may take a terminal */
	dup2(null, 0);
	dup2(out[1], 1);
	dup2(err[1], 2);
	if (chdir("/root"))
		_exit(127);
	setenv("HOME", "/root", 1);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	execl("/bin/bash", "bash", "-c", script, (char *)NULL);
	_exit(127);
}

static void pass_on(struct pollfd *f, char kind)
{
	char data[65536];
	ssize_t n;

	if (f->fd < 0 || !f->revents)
		return;
	n = read(f->fd, data, sizeof data);
	if (n <= 0) {
		f->fd = -1;
		return;
	}
	put_line(kind, (unsigned long)n);
	put(data, (size_t)n);
}

/* Until the command has ended and its pipes are dry; what it left in the background may keep them open, and is
 * not waited for. */
static int attend(pid_t child, int out, int err)
{
	struct pollfd f[] = { { .fd = out, .events = POLLIN },
			      { .fd = err, .events = POLLIN },
			      { .fd = port } };
	int status = 0, ended = 0;

	while (f[0].fd >= 0 || f[1].fd >= 0) {
		int ready = poll(f, 3, ended ? 0 : 50);

		if (ready > 0 && f[2].revents & POLLHUP) {
			kill(-child, SIGKILL);
			f[2].fd = -1;
		}
		if (ready == 0 && ended)
			break;
		if (!ended && waitpid(child, &status, WNOHANG) == child)
			ended = 1;
		pass_on(&f[0], 'O');
		pass_on(&f[1], 'E');
	}
	if (!ended)
		waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(const char *script)
{
	int out[2], err[2], status = 127;
	pid_t child;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return status;
	child = fork();
	if (child == 0)
		become(script, out, err);
	close(out[1]);
	close(err[1]);
	if (child > 0)
		status = attend(child, out[0], err[0]);
	close(out[0]);
	close(err[0]);
	return status;
}

static void do_run(const char *operand)
{
	size_t size = strtoul(operand, NULL, 10);
	char *script = calloc(1, size + 1);

	if (!script)
		exit(1);
	get(script, size);
	put_line('X', (unsigned long)run(script));
	free(script);
}

static void do_time(const char *operand)
{
	char *end;
	struct timespec t = { .tv_sec = strtol(operand, &end, 10) };

	if (*end == '.')
		t.tv_nsec = strtol(end + 1, NULL, 10);
	clock_settime(CLOCK_REALTIME, &t);
	put("H\n", 2);
}

int main(int argc, char **argv)
{
	char line[64] = "";

	if (argc != 2)
		return 2;
	while ((port = open(argv[1], O_RDWR | O_CLOEXEC)) < 0)
		pause_ms(20);
	put("H\n", 2);
	for (;;) {
		size_t n = 0;

		do
			get(&line[n], 1);
		while (line[n] != '\n' && ++n < sizeof line - 1);
		line[n] = '\0';
		if (line[0] == 'R')
			do_run(line + 1);
		else if (line[0] == 'T')
			do_time(line + 1);
	}
}
