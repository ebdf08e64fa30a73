/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_NL_H
#define NET_NL_H
/*
 * Netlink: requests out of nested attributes, answers taken apart, and the kernel's own words for a failure.  rtnetlink,
 * nf_tables and conntrack differ in nothing else but numbers.
 *
 * This is the little of libmnl that kist needs.  kist is a static program, so that it starts fast, and Debian 12 has no static libmnl.
 */
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* --- requests: one message or several, one after another in one buffer */

struct nl_msg {
	struct text bytes; /* .arena given by the caller; the rest zero */
	size_t start;	   /* of the last message */
};

/* Begins a message.  `head` is the family's own header.  NLM_F_REQUEST is added. */
void nl_begin(struct nl_msg *m, unsigned type, unsigned flags, const void *head, size_t len);
void nl_put(struct nl_msg *m, unsigned attr, const void *data, size_t len);
void nl_put_u8(struct nl_msg *m, unsigned attr, uint8_t v);
void nl_put_u16(struct nl_msg *m, unsigned attr, uint16_t v);
void nl_put_u32(struct nl_msg *m, unsigned attr, uint32_t v);
void nl_put_be16(struct nl_msg *m, unsigned attr, uint16_t v);
void nl_put_be32(struct nl_msg *m, unsigned attr, uint32_t v);
void nl_put_str(struct nl_msg *m, unsigned attr, const char *s); /* with its NUL */
/* Attributes between the two are inside of the attribute; what is appended raw (a header) is, too. */
size_t nl_nest(struct nl_msg *m, unsigned attr);
void nl_append(struct nl_msg *m, const void *data, size_t len);
void nl_end(struct nl_msg *m, size_t nest);

/* --- answers: nothing is taken for granted of what is in them */

struct nl_span {
	const char *at; /* NULL: absent */
	size_t len;
};
struct nl_attr {
	unsigned type; /* without the flags */
	struct nl_span value;
};

/* The next attribute; false at the end, and when what is left is none. */
bool nl_next(struct nl_span *rest, struct nl_attr *out);
/* By type: table[t] for t < n; of the same type the last counts. */
void nl_index(struct nl_span attrs, struct nl_span *table, size_t n);
/* `skip` bytes of header further, aligned; empty when it is shorter. */
struct nl_span nl_after(struct nl_span s, size_t skip);
bool nl_get(struct nl_span s, void *out, size_t len); /* false, and zeroes, unless it is just so long */
uint32_t nl_u32(struct nl_span s);		      /* 0 when it is none */
const char *nl_str(struct nl_span s);		      /* NULL unless it ends with a NUL */

/* One message that is an answer to a request; `body` is what follows the netlink header.  ≥ 0 goes on, else -errno. */
typedef int nl_each(void *data, unsigned type, struct nl_span body);

/* --- the socket */

enum { NL_WORDS = 160 };
struct nl {
	int fd;
	uint32_t seq;	      /* of the last message */
	uint32_t awaits;      /* the last one that is answered when all goes well */
	bool torn;	      /* the list that is being read has changed meanwhile */
	char words[NL_WORDS]; /* what the kernel said about the last failure, or "" */
};
#define NL_NONE { .fd = -1 }
void nl_done(struct nl *n);
#define auto_nl __attribute__((cleanup(nl_done))) struct nl

/* What `run` says, which the caller does in another network namespace; this process must have one thread. */
int nl_there(int netns, int (*run)(void *data), void *data);
/* `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER.  In the caller's network namespace, or, when `netns` is ≥ 0, in that one: see nl_there(). */
int nl_open(int protocol, int netns, struct nl *out, struct err *e);
/*
 * Sends all messages and waits for what the last of them is answered with: its acknowledgement (NLM_F_ACK) or the end of
 * a list (NLM_F_DUMP).  `each` may be NULL.  The first failure of any message counts; it has no sentence yet.
 */
int nl_talk(struct nl *n, struct nl_msg *m, nl_each *each, void *data);
/*
 * The same for a list: one that changed while it was read is asked for again, as on a busy host any long one may.  What `each` has
 * collected of it is to be forgotten: *len becomes what it was (NULL: what is read twice does no harm).
 */
int nl_list(struct nl *n, struct nl_msg *m, nl_each *each, void *data, size_t *len);
/* The sentence: yours, the errno's, the kernel's. */
int nl_fail(const struct nl *n, int r, struct err *e, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* One datagram of the kernel's answer to the messages from `first` to n->seq.  1: that was all; 0: more comes; -errno.
 * -EINTR comes at the end of a list: before that the kernel begins no other one. */
int nl_digest(struct nl *n, uint32_t first, struct nl_span datagram, nl_each *each, void *data);
#endif
