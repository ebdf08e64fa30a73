/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One frame of the channel.  The first byte says what the parent waits for, the second how many descriptors
 * come along; the rest is the datagram.  Nothing is read that was not sent, and no descriptor stays open.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "fuzz.h"
#include "runtime/chan.h"

enum { MOST = 80 };

static void post(int to, const uint8_t *data, size_t len, size_t nfds)
{
	union {
		struct cmsghdr head;
		char buf[CMSG_SPACE(sizeof(int) * MOST)];
	} ctl;
	struct iovec iov = { (void *)(size_t)data, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	memset(&ctl, 0, sizeof(ctl));
	if (nfds) {
		m.msg_control = &ctl;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		ctl.head.cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		ctl.head.cmsg_level = SOL_SOCKET;
		ctl.head.cmsg_type = SCM_RIGHTS;
	}
	for (size_t i = 0; i < nfds; i++)
		memcpy(CMSG_DATA(&ctl.head) + i * sizeof(int), &to, sizeof(int));
	(void)!sendmsg(to, &m, MSG_NOSIGNAL);
}

static void listen_once(const struct chan *c, enum chan_msg m, size_t nfds)
{
	int fds[MOST], pid;
	struct chan_load load = { &pid, m == MSG_BORN || m == MSG_HOOKED ? sizeof(pid) : 0, fds, nfds };
	struct err e;
	int r;

	memset(&e, 'x', sizeof(e));
	r = m == MSG_N ? chan_expect_end(c, &e) : chan_expect(c, m, &load, &e);
	if (r && !memchr(e.msg, 0, sizeof(e.msg)))
		abort();
	for (size_t i = 0; !r && m != MSG_N && i < nfds; i++)
		close(fds[i]);
}

enum { WATCHED = 2 * MOST };

/* The runner has descriptors of its own: those that are open before the first frame. */
static void nothing_stays_open(void)
{
	static bool runners[WATCHED], known;

	for (int fd = 0; fd < WATCHED; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && !runners[fd]) {
			if (known)
				abort();
			runners[fd] = true;
		}
	known = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int s[2];
	struct chan c;
	enum chan_msg m;
	size_t want;

	nothing_stays_open();
	if (len < 2 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) < 0)
		return 0;
	m = (enum chan_msg)(data[0] % (MSG_N + 1));
	want = m == MSG_TREES ? data[1] % CHAN_FDS : m == MSG_CONSOLE || m == MSG_LISTENER;
	post(s[1], data + 2, len - 2, data[1] % MOST);
	c = (struct chan){ s[0], PARENT };
	close(s[1]);
	listen_once(&c, m, want);
	close(s[0]);
	nothing_stays_open();
	return 0;
}
