/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/chan.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const struct {
	const char *what;
	enum chan_side from;
	size_t fds;
} row[MSG_N] = {
#define M(id, what, from, fds) [MSG_##id] = { what, from, fds },
	CHAN_MSGS(M)
#undef M
};

struct head {
	unsigned type, len;
};

union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int) * CHAN_FDS)];
};

static void put_fds(struct msghdr *msg, union control *ctl, const struct chan_load *load)
{
	if (!load->nfds)
		return;
	memset(ctl, 0, sizeof(*ctl));
	msg->msg_control = ctl;
	msg->msg_controllen = CMSG_SPACE(sizeof(int) * load->nfds);
	ctl->align.cmsg_level = SOL_SOCKET;
	ctl->align.cmsg_type = SCM_RIGHTS;
	ctl->align.cmsg_len = CMSG_LEN(sizeof(int) * load->nfds);
	memcpy(CMSG_DATA(&ctl->align), load->fds, sizeof(int) * load->nfds);
}

int chan_send(const struct chan *c, enum chan_msg m, const struct chan_load *load, struct err *e)
{
	static const struct chan_load bare = { 0 };
	const struct chan_load *l = load ? load : &bare;
	struct head h = { m, (unsigned)l->len };
	struct iovec iov[2] = { { &h, sizeof(h) }, { l->data, l->len } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	union control ctl;
	ssize_t n;

	if (row[m].from != c->side || l->nfds > row[m].fds || l->len > CHAN_BYTES)
		return err_set(e, EPROTO, "cannot send \"%s\" from here", row[m].what);
	put_fds(&msg, &ctl, l);
	do
		n = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EPIPE)
		return err_set(e, EPIPE, "the other side died before it heard \"%s\"", row[m].what);
	return n < 0 ? err_sys(e, "send \"%s\"", row[m].what) : 0;
}

/* Moves exactly `want` descriptors to fds; any other number is closed. */
static int take_fds(struct msghdr *msg, int *fds, size_t want)
{
	const struct cmsghdr *k = CMSG_FIRSTHDR(msg);
	int raw[CHAN_FDS];
	size_t got = 0;

	if (k && k->cmsg_level == SOL_SOCKET && k->cmsg_type == SCM_RIGHTS) {
		got = (k->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(raw, CMSG_DATA(k), got * sizeof(int));
	}
	if (got == want && !(msg->msg_flags & (MSG_CTRUNC | MSG_TRUNC))) {
		if (got)
			memcpy(fds, raw, got * sizeof(int));
		return 0;
	}
	while (got)
		close(raw[--got]);
	return -EPROTO;
}

struct letter {
	struct head head;
	char body[CHAN_BYTES];
};

/* 0: end of file; 1: a whole letter. */
static int receive(const struct chan *c, struct letter *l, struct msghdr *msg, union control *ctl)
{
	struct iovec iov = { l, sizeof(*l) };
	bool reset = false;
	ssize_t n;

	*msg = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(*ctl) };
	/* A peer that went without hearing our last word (unix(7)): what it said before comes after that. */
	do
		n = recvmsg(c->fd, msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || (errno == ECONNRESET && !reset && (reset = true))));
	msg->msg_iov = NULL;
	if (n < 0 || (!n && reset))
		return n < 0 ? -errno : -ECONNRESET;
	if ((size_t)n >= sizeof(l->head) && (size_t)n == sizeof(l->head) + l->head.len && l->head.type < MSG_N)
		return 1;
	(void)take_fds(msg, NULL, 0); /* also an empty datagram may bring some */
	return n ? -EPROTO : 0;
}

static int told_failure(const struct letter *l, struct err *e)
{
	struct err got;

	memcpy(&got, l->body, sizeof(got));
	got.msg[sizeof(got.msg) - 1] = 0;
	return err_set(e, got.code > 0 ? got.code : EIO, "%s", got.msg);
}

int chan_expect(const struct chan *c, enum chan_msg m, struct chan_load *load, struct err *e)
{
	struct letter l;
	struct msghdr msg;
	union control ctl;
	int r = receive(c, &l, &msg, &ctl);
	bool wanted;

	if (r == 0 || r == -ECONNRESET)
		return err_set(e, ECHILD, "the other side died before \"%s\"", row[m].what);
	if (r < 0 && r != -EPROTO)
		return err_num(e, r, "waiting for \"%s\"", row[m].what);
	wanted = r > 0 && l.head.type == m && l.head.len == (load ? load->len : 0);
	if (r < 0 || take_fds(&msg, load ? load->fds : NULL, wanted && load ? load->nfds : 0))
		return err_set(e, EPROTO, "malformed message while waiting for \"%s\"", row[m].what);
	if (l.head.type == MSG_ERR && l.head.len == sizeof(struct err))
		return told_failure(&l, e);
	if (!wanted)
		return err_set(e, EPROTO, "expected \"%s\", got \"%s\"", row[m].what, row[l.head.type].what);
	if (load && load->len)
		memcpy(load->data, l.body, load->len);
	return 0;
}

int chan_expect_end(const struct chan *c, struct err *e)
{
	struct letter l;
	struct msghdr msg;
	union control ctl;
	int r = receive(c, &l, &msg, &ctl);

	if (r == 0)
		return 0;
	if (r == -ECONNRESET)
		return err_set(e, ECHILD, "the other side died before it heard the last word");
	if (r > 0 && !take_fds(&msg, NULL, 0) && l.head.type == MSG_ERR && l.head.len == sizeof(struct err))
		return told_failure(&l, e);
	return err_set(e, EPROTO, "malformed message while waiting for the program to start");
}

void chan_fail(const struct chan *c, const struct err *e)
{
	struct chan_load load = { .data = (void *)(size_t)e, .len = sizeof(*e) };

	(void)chan_send(c, MSG_ERR, &load, NULL);
}
