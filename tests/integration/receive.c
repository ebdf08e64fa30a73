/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * receive SOCKET [tty|pidfd|notify]: the caller's end of --console-socket, --pidfd-socket and
 * seccomp's listenerPath.  Takes one connection and says in one line what came over it; then uses
 * the descriptor: copies the terminal's output, waits for the process to end, or answers three system
 * calls (EXDEV to all, then says their numbers).
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"

static int die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static int accept_one(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(sa.sun_path))
		return -1;
	strcpy(sa.sun_path, path);
	if (s < 0 || bind(s, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(s, 1) < 0)
		return -1;
	return accept4(s, NULL, NULL, SOCK_CLOEXEC);
}

/* Everything up to the end of the stream: the number of bytes, and every descriptor that is passed. */
static int take(int s, char *text, size_t room, int *fds)
{
	int nfds = 0;
	size_t have = 0;

	for (;;) {
		char ctl[CMSG_SPACE(16 * sizeof(int))];
		struct iovec iov = { text + have, room - have };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(ctl) };
		ssize_t n = recvmsg(s, &m, MSG_CMSG_CLOEXEC);

		if (n <= 0)
			break;
		have += (size_t)n;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
			for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++)
				memcpy(&fds[nfds++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
	}
	text[have] = 0;
	printf("bytes=%zu fds=%d text=%s\n", have, nfds, text);
	fflush(stdout);
	return nfds;
}

static int copy_terminal(int fd)
{
	struct winsize w = { 0 };
	char buf[4096];
	ssize_t n;

	if (ioctl(fd, TIOCGWINSZ, &w) < 0)
		return die("winsize");
	printf("rows=%u cols=%u\n", w.ws_row, w.ws_col);
	fflush(stdout);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(STDOUT_FILENO, buf, (size_t)n) != n)
			return die("write");
	return 0;
}

static int wait_end(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	if (poll(&p, 1, 20000) != 1)
		return die("poll");
	puts("ended");
	return 0;
}

static int supervise(int fd)
{
	for (int i = 0; i < 3; i++) {
		struct seccomp_notif in = { 0 };
		struct pollfd p = { fd, POLLIN, 0 };

		if (poll(&p, 1, 20000) != 1 || p.revents & POLLHUP)
			return die("poll");
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0)
			return die("receive");
		struct seccomp_notif_resp out = { .id = in.id, .error = -EXDEV };
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &out) < 0)
			return die("answer");
		printf("call %d\n", in.data.nr);
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static char text[1 << 20];
	int fds[64], s = argc > 1 ? accept_one(argv[1]) : -1;

	if (s < 0)
		return die("accept");
	if (take(s, text, sizeof(text) - 1, fds) != 1)
		return 1;
	close(s);
	if (argc > 2 && !strcmp(argv[2], "tty"))
		return copy_terminal(fds[0]);
	if (argc > 2 && !strcmp(argv[2], "pidfd"))
		return wait_end(fds[0]);
	return argc > 2 ? supervise(fds[0]) : 0;
}
