/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/parcel.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
	struct parcel p; /* its pointers mean nothing on the way */
	uint32_t name, text, xattrs;
};

union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int))];
};

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

int parcel_send(int sock, const struct parcel *p)
{
	const char *name = or_empty(p->name), *text = or_empty(p->text);
	struct head h = { *p, (uint32_t)strlen(name) + 1, (uint32_t)strlen(text) + 1, (uint32_t)p->xattrs_len };
	struct iovec iov[] = { { &h, sizeof(h) }, { (void *)(size_t)name, h.name }, { (void *)(size_t)text, h.text },
			       { (void *)(size_t)p->xattrs, h.xattrs } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 4 };
	union control ctl;
	ssize_t n;

	if (h.name > NAME_MAX + 1 || h.text > PARCEL_TEXT || h.xattrs > PARCEL_XATTRS)
		return -E2BIG;
	if (p->fd >= 0) {
		memset(&ctl, 0, sizeof(ctl));
		msg.msg_control = &ctl;
		msg.msg_controllen = sizeof(ctl.buf);
		ctl.align.cmsg_level = SOL_SOCKET;
		ctl.align.cmsg_type = SCM_RIGHTS;
		ctl.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&ctl.align), &p->fd, sizeof(int));
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? errno == ECONNRESET ? -EPIPE : -errno : 0;
}

static int take(const struct msghdr *msg)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

static int check(const struct head *h, size_t n, const char *buf, bool has_fd)
{
	if (h->p.kind >= PARCEL_KINDS || !h->name || !h->text || h->name > NAME_MAX + 1 || h->text > PARCEL_TEXT ||
	    h->xattrs > PARCEL_XATTRS || n != (size_t)h->name + h->text + h->xattrs)
		return -EPROTO;
	if (buf[h->name - 1] || buf[h->name + h->text - 1] || has_fd != (h->p.kind == PARCEL_FILE))
		return -EPROTO;
	return 0;
}

int parcel_receive(int sock, char *buf, struct parcel *out)
{
	struct head h;
	struct iovec iov[] = { { &h, sizeof(h) }, { buf, PARCEL_BYTES } };
	union control ctl;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2, .msg_control = &ctl, .msg_controllen = sizeof(ctl) };
	ssize_t n;
	int fd, r;

	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n && errno != ECONNRESET ? -errno : -EPIPE;
	fd = take(&msg);
	r = (size_t)n < sizeof(h) ? -EPROTO : check(&h, (size_t)n - sizeof(h), buf, fd >= 0);
	if (r < 0) {
		if (fd >= 0)
			close(fd);
		return r;
	}
	*out = h.p;
	out->name = buf;
	out->text = buf + h.name;
	out->xattrs = buf + h.name + h.text;
	out->xattrs_len = h.xattrs;
	out->fd = fd;
	return 0;
}
