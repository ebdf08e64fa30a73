/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_ORPHANS_H
#define NET_ORPHANS_H
/*
 * Pairs whose container is gone: the kernel keeps them as long as anybody keeps the network namespace, such as a process from outside that
 * entered it, or a socket that was handed out of it.  Their addresses are others' by then.
 */
#include "net/link.h"
#include "net/lease.h"

/* Those on the bridges of `all` that stand in no record of a container that lives: removed.  The caller holds the lock "networks". */
int net_orphans_sweep(struct arena *a, int data, const net_networks *all, struct err *e);
#endif
