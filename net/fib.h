/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_FIB_H
#define NET_FIB_H
/* Routing rules (ip-rule(8)) through rtnetlink.  All return ≥ 0 or -errno without a sentence: see nl_fail(). */
#include "net/network.h"
#include "net/nl.h"

struct net_fib_rule {
	int family, action; /* FR_ACT_* */
	unsigned priority, mark, target;
	const char *from; /* an interface; NULL: any */
	struct net_cidr sender, to; /* .ip.family is 0: anything */
};
typedef LIST_OF(struct net_fib_rule) net_fib_rules;
/* Those that are there, or to be removed and not there, are fine; so are all of IPv6 where there is none (ipv6.disable=1). */
int net_fib_change(struct nl *n, bool add, const net_fib_rules *l);
int net_fib_list(struct arena *a, struct nl *n, net_fib_rules *out); /* of both families */
/* Pure: an answer of the kernel's. */
bool net_fib_read(struct arena *a, struct nl_span body, struct net_fib_rule *out);
bool net_fib_has(const net_fib_rules *l, const struct net_fib_rule *r);
#endif
