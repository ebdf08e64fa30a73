/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CONNTRACK_H
#define NET_CONNTRACK_H
/*
 * The host remembers where each flow goes.  A client that keeps its port, as resolvers and phones do over UDP, would be led to where
 * the service was, or nowhere, as long as it keeps asking: what is remembered of a container's addresses and ports is
 * forgotten when it comes and when it goes.
 */
#include "net/lease.h"

/*
 * Best effort: a kernel without ctnetlink forgets by itself, later.  Each search walks the whole of the kernel's table, which takes it
 * milliseconds: one that comes has only its UDP ports looked for, and where nothing is remembered nothing is.
 */
void net_conntrack_forget(const struct net_record *r, bool comes);
#endif
