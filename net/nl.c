/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

enum { MOST_ANSWER = 32 << 10, ALIGN = NLMSG_ALIGNTO }; /* the kernel fills at most 32 KiB of a list at once */

static size_t aligned(size_t n)
{
	return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

void nl_append(struct nl_msg *m, const void *data, size_t len)
{
	static const char zeros[ALIGN] = { 0 };
	uint32_t total;

	text_addn(&m->bytes, data, len);
	text_addn(&m->bytes, zeros, aligned(m->bytes.len) - m->bytes.len);
	total = (uint32_t)(m->bytes.len - m->start);
	memcpy(m->bytes.at + m->start + offsetof(struct nlmsghdr, nlmsg_len), &total, sizeof(total));
}

void nl_begin(struct nl_msg *m, unsigned type, unsigned flags, const void *head, size_t len)
{
	struct nlmsghdr h = { .nlmsg_type = (uint16_t)type, .nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST) };

	m->start = m->bytes.len;
	nl_append(m, &h, sizeof(h));
	nl_append(m, head, len);
}

/* The length of the attribute at `nest` is up to the end of the buffer, less `pad`. */
static void set_length(struct nl_msg *m, size_t nest, size_t pad)
{
	uint16_t len = (uint16_t)(m->bytes.len - nest - pad);

	memcpy(m->bytes.at + nest + offsetof(struct nlattr, nla_len), &len, sizeof(len));
}

void nl_put(struct nl_msg *m, unsigned attr, const void *data, size_t len)
{
	size_t at = m->bytes.len;
	struct nlattr h = { .nla_type = (uint16_t)attr };

	nl_append(m, &h, sizeof(h));
	nl_append(m, data, len);
	set_length(m, at, aligned(len) - len);
}

void nl_put_u8(struct nl_msg *m, unsigned attr, uint8_t v)
{
	nl_put(m, attr, &v, sizeof(v));
}

void nl_put_u16(struct nl_msg *m, unsigned attr, uint16_t v)
{
	nl_put(m, attr, &v, sizeof(v));
}

void nl_put_u32(struct nl_msg *m, unsigned attr, uint32_t v)
{
	nl_put(m, attr, &v, sizeof(v));
}

void nl_put_be16(struct nl_msg *m, unsigned attr, uint16_t v)
{
	nl_put_u16(m, attr, htons(v));
}

void nl_put_be32(struct nl_msg *m, unsigned attr, uint32_t v)
{
	nl_put_u32(m, attr, htonl(v));
}

void nl_put_str(struct nl_msg *m, unsigned attr, const char *s)
{
	nl_put(m, attr, s, strlen(s) + 1);
}

size_t nl_nest(struct nl_msg *m, unsigned attr)
{
	size_t at = m->bytes.len;

	nl_put(m, attr | NLA_F_NESTED, NULL, 0);
	return at;
}

void nl_end(struct nl_msg *m, size_t nest)
{
	set_length(m, nest, 0);
}

struct nl_span nl_after(struct nl_span s, size_t skip)
{
	skip = aligned(skip);
	return skip > s.len ? (struct nl_span){ s.at, 0 } : (struct nl_span){ s.at + skip, s.len - skip };
}

bool nl_next(struct nl_span *rest, struct nl_attr *out)
{
	struct nlattr h;

	if (rest->len < sizeof(h))
		return false;
	memcpy(&h, rest->at, sizeof(h));
	if (h.nla_len < sizeof(h) || h.nla_len > rest->len)
		return false;
	out->type = h.nla_type & NLA_TYPE_MASK;
	out->value = (struct nl_span){ rest->at + sizeof(h), h.nla_len - sizeof(h) };
	*rest = nl_after(*rest, h.nla_len);
	return true;
}

void nl_index(struct nl_span attrs, struct nl_span *table, size_t n)
{
	struct nl_attr a;

	memset(table, 0, n * sizeof(*table));
	while (nl_next(&attrs, &a))
		if (a.type < n)
			table[a.type] = a.value;
}

bool nl_get(struct nl_span s, void *out, size_t len)
{
	bool fits = s.at && s.len == len;

	if (fits)
		memcpy(out, s.at, len);
	else
		memset(out, 0, len);
	return fits;
}

uint32_t nl_u32(struct nl_span s)
{
	uint32_t v;

	(void)nl_get(s, &v, sizeof(v));
	return v;
}

const char *nl_str(struct nl_span s)
{
	return s.at && s.len && !s.at[s.len - 1] ? s.at : NULL;
}

void nl_done(struct nl *n)
{
	fd_done(&n->fd);
}

/* Without these the kernel only gives a number, and sends the whole request back. */
static int open_here(int protocol)
{
	auto_fd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0)
		return -errno;
	return take_fd(&fd);
}

int nl_there(int netns, int (*run)(void *data), void *data)
{
	auto_fd own = fd_open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY);
	int r;

	if (own < 0)
		return own;
	if (setns(netns, CLONE_NEWNET) < 0)
		return -errno;
	r = run(data);
	return setns(own, CLONE_NEWNET) < 0 ? -errno : r;
}

static int open_of(void *protocol)
{
	return open_here(*(const int *)protocol);
}

int nl_open(int protocol, int netns, struct nl *out, struct err *e)
{
	int fd = netns < 0 ? open_here(protocol) : nl_there(netns, open_of, &protocol);

	if (fd < 0)
		return err_num(e, fd, "open a netlink socket%s", netns < 0 ? "" : " in the container's network namespace");
	*out = (struct nl){ .fd = fd };
	return 0;
}

static void keep_words(struct nl *n, struct nl_span attrs)
{
	struct nl_span by[NLMSGERR_ATTR_MSG + 1];

	nl_index(attrs, by, NLMSGERR_ATTR_MSG + 1);
	if (nl_str(by[NLMSGERR_ATTR_MSG]))
		snprintf(n->words, sizeof(n->words), "%s", nl_str(by[NLMSGERR_ATTR_MSG]));
}

/* struct nlmsgerr; its copy of the request is cut to the header (NETLINK_CAP_ACK), and what the kernel says comes after that. */
static int take_error(struct nl *n, const struct nlmsghdr *h, struct nl_span body)
{
	struct nlmsgerr said;

	if (body.len < sizeof(said))
		return -EPROTO;
	memcpy(&said, body.at, sizeof(said));
	if (said.error > 0 || said.error < -4095)
		return -EPROTO;
	if (said.error && h->nlmsg_flags & NLM_F_ACK_TLVS)
		keep_words(n, nl_after(body, h->nlmsg_flags & NLM_F_CAPPED || said.msg.nlmsg_len < sizeof(said.msg)
						     ? sizeof(said)
						     : sizeof(said.error) + said.msg.nlmsg_len));
	return said.error;
}

/* One message; 1 after the answer to the last request. */
static int digest_one(struct nl *n, const struct nlmsghdr *h, struct nl_span body, nl_each *each, void *data)
{
	int status = 0, r;

	n->torn |= h->nlmsg_flags & NLM_F_DUMP_INTR;
	if (h->nlmsg_type == NLMSG_ERROR) {
		r = take_error(n, h, body);
		return r ? r : h->nlmsg_seq == n->awaits;
	}
	if (h->nlmsg_type == NLMSG_DONE) {
		if (body.len >= sizeof(status))
			memcpy(&status, body.at, sizeof(status));
		return status < 0 && status > -4095 ? status : n->torn ? -EINTR : 1;
	}
	r = each && h->nlmsg_type >= NLMSG_MIN_TYPE ? each(data, h->nlmsg_type, body) : 0;
	return r < 0 ? r : 0;
}

int nl_digest(struct nl *n, uint32_t first, struct nl_span datagram, nl_each *each, void *data)
{
	struct nlmsghdr h;
	int r = 0;

	while (!r && datagram.len >= sizeof(h)) {
		memcpy(&h, datagram.at, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > datagram.len)
			return -EPROTO;
		/* What an earlier talk that failed has left unread is not ours. */
		if (h.nlmsg_seq - first <= n->seq - first)
			r = digest_one(n, &h, (struct nl_span){ datagram.at + sizeof(h), h.nlmsg_len - sizeof(h) }, each, data);
		datagram = nl_after(datagram, h.nlmsg_len);
	}
	return r;
}

/* Numbers the messages; the number of the first. */
static uint32_t number(struct nl *n, struct nl_msg *m)
{
	uint32_t first = n->seq + 1;
	struct nlmsghdr h;

	for (size_t at = 0; at < m->bytes.len; at += aligned(h.nlmsg_len)) {
		memcpy(&h, m->bytes.at + at, sizeof(h));
		h.nlmsg_seq = ++n->seq;
		if (h.nlmsg_flags & NLM_F_ACK || (h.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
			n->awaits = n->seq;
		memcpy(m->bytes.at + at, &h, sizeof(h));
	}
	return first;
}

static int send_all(struct nl *n, const struct nl_msg *m)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int room = (int)m->bytes.len * 2;
	ssize_t sent;

	if (room > MOST_ANSWER)
		(void)setsockopt(n->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	do
		sent = sendto(n->fd, m->bytes.at, m->bytes.len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* Only the kernel has port 0. */
static ssize_t receive(const struct nl *n, char *buffer)
{
	struct sockaddr_nl from = { 0 };
	socklen_t len = sizeof(from);
	ssize_t got;

	do
		got = recvfrom(n->fd, buffer, MOST_ANSWER, MSG_TRUNC, (struct sockaddr *)&from, &len);
	while ((got < 0 && errno == EINTR) || (got >= 0 && from.nl_pid));
	return got < 0 ? -errno : got > MOST_ANSWER ? -EMSGSIZE : got;
}

int nl_talk(struct nl *n, struct nl_msg *m, nl_each *each, void *data)
{
	uint32_t first = number(n, m);
	int r = send_all(n, m);
	char buffer[MOST_ANSWER];

	n->words[0] = 0;
	n->torn = false;
	while (!r) {
		ssize_t got = receive(n, buffer);

		r = got < 0 ? (int)got : nl_digest(n, first, (struct nl_span){ buffer, (size_t)got }, each, data);
	}
	return r < 0 ? r : 0;
}

int nl_list(struct nl *n, struct nl_msg *m, nl_each *each, void *data, size_t *len)
{
	size_t before = len ? *len : 0;
	int r, tries = 20;

	while ((r = nl_talk(n, m, each, data)) == -EINTR && --tries)
		if (len)
			*len = before;
	return r;
}

int nl_fail(const struct nl *n, int r, struct err *e, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)err_num(e, r, "%s", what);
	return *n->words ? err_hint(e, r, "the kernel says: %s", n->words) : r;
}
