/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow FROM TO ADDRESS SECONDS [WARM]: how much one TCP connection carries, in kbit a second of what a program reads.  FROM and TO are
 * processes in whose network namespaces the sender and the receiver are; ADDRESS is the receiver's.  What the first WARM seconds carried
 * (2) does not count: limits let a burst pass, and what a loss then holds back comes all at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 64 << 10, PATIENCE = 5000 };
#define WARM 2

static int fail(const char *what)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
	return 1;
}

static int enter(const char *pid)
{
	char path[64];
	int fd, r;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -1 : setns(fd, CLONE_NEWNET);
	if (fd >= 0)
		close(fd);
	return r;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The listening side fills *at with its port. */
static int open_in(const char *pid, struct addrinfo *at, int listening)
{
	int fd = enter(pid) < 0 ? -1 : socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (!listening)
		return connect(fd, at->ai_addr, at->ai_addrlen) < 0 ? -1 : fd;
	if (bind(fd, at->ai_addr, at->ai_addrlen) < 0 || listen(fd, 1) < 0 || getsockname(fd, at->ai_addr, &at->ai_addrlen) < 0)
		return -1;
	return fd;
}

static int carry(int from, int to, double seconds, double warm)
{
	static char piece[PIECE];
	double start = now(), began = 0, t = start;
	long long bytes = 0;

	while (t - start < warm + seconds) {
		struct pollfd fds[] = { { from, POLLOUT, 0 }, { to, POLLIN, 0 } };
		ssize_t n = 0;

		if (poll(fds, 2, PATIENCE) <= 0)
			return fail("nothing moves");
		if (fds[0].revents && send(from, piece, sizeof(piece), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
			return fail("send");
		if (fds[1].revents && (n = recv(to, piece, sizeof(piece), MSG_DONTWAIT)) <= 0 && errno != EAGAIN)
			return fail("receive");
		t = now();
		if (began > 0 && n > 0)
			bytes += n;
		if (began <= 0 && t - start >= warm)
			began = t;
	}
	printf("%.0f\n", (double)bytes * 8 / (t - began) / 1000);
	return 0;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *at;
	int listener, from, to;

	if (argc < 5 || getaddrinfo(argv[3], "0", &hints, &at))
		return fail("flow FROM TO ADDRESS SECONDS [WARM]");
	listener = open_in(argv[2], at, 1);
	from = listener < 0 ? -1 : open_in(argv[1], at, 0);
	to = from < 0 ? -1 : accept(listener, NULL, NULL);
	return to < 0 ? fail("connect") : carry(from, to, atof(argv[4]), argc > 5 ? atof(argv[5]) : WARM);
}
