/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CONNTRACK_H
#define NET_CONNTRACK_H
/*
 * The host remembers where each flow goes.  What it remembers of a container's addresses is forgotten when the container goes, lest the
 * next one with such an address get what was meant for this one.
 */
#include "net/lease.h"

/*
 * All flows that the addresses began or answer.  Best effort: a kernel without ctnetlink forgets by itself, later.  The kernel walks
 * its whole table, which takes it 10 ms and more, for each family, and twice when only the flows of one address are to be sent;
 * therefore net_rules_talked() is asked first.
 */
void net_conntrack_forget(const net_ips *gone);
/* The flows that were led to a container by the ports that r has, and are no more: a connection would last as long as its ends wanted. */
void net_conntrack_close(const struct net_record *r);
#endif
