/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_REPAIR_H
#define NET_REPAIR_H
#include "base/arena.h"
#include "base/err.h"

/*
 * Bridges, firewall, routing rules and forwarding as they should be; changes that were killed are finished, and leases and names of the
 * dead given back.  The caller holds the lock "networks".
 */
int net_repair(struct arena *a, int data, struct err *e);
#endif
