/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_TC_H
#define NET_TC_H
/*
 * Traffic control (tc(8)): the messages that make queues and filters of an interface.  Pure; nl_talk() sends them.
 *
 * There is one kind of filter, a classic BPF program that sees the frame from its Ethernet header on.  Debian's kernels have it
 * as those do that have little else, and it needs no bpf(2); one that changes a frame does.
 */
#include <linux/filter.h>

#include "net/nl.h"

/* Frames leave at `rate` bytes per second, `burst` bytes of them at once; of those that must wait `limit` bytes are kept. */
struct net_shape {
	uint64_t rate;
	uint32_t burst, limit;
};
/* The queue of what leaves; one of this kind that is there is changed, with what waits in it. */
void net_tc_put_shaper(struct nl_msg *m, int index, const struct net_shape *s);
void net_tc_drop_shaper(struct nl_msg *m, int index); /* -ENOENT: the interface has no queue that somebody has made */
/* What it did since it was made; in frames, with their headers. */
struct net_flow {
	uint64_t bytes, packets, delayed, dropped;
};
void net_tc_ask_shaper(struct nl_msg *m, int index);
/* An answer to that; false when it is of another kind of queue. */
bool net_tc_read_shaper(unsigned type, struct nl_span body, struct net_flow *out);

/* The place for filters.  Not exclusive: -EEXIST is to be taken for success. */
void net_tc_put_hook(struct nl_msg *m, int index);
void net_tc_drop_hook(struct nl_msg *m, int index); /* and its filters; -EINVAL, -ENOENT: there is none */

struct net_filter {
	uint16_t priority; /* the smaller comes first; one of the same is replaced */
	const struct sock_filter *program;
	uint16_t len;
	int loaded; /* not 0: the descriptor of a program of bpf(2) in the place of the classic one */
	/* 0: the program answers TC_ACT_OK, TC_ACT_SHOT or TC_ACT_UNSPEC (the next filter decides); else the interface that frames leave through
	 * for which it does not answer 0. */
	int redirect;
};
/* Of what the interface receives; the place must be there. */
void net_tc_put_filter(struct nl_msg *m, int index, const struct net_filter *f);
#endif
