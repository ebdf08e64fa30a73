/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_MEND_H
#define NET_MEND_H
/*
 * The bridges of kist's own networks: each with its addresses, up, and with an end of every pair of those who live.  A network manager of the
 * host takes away what it does not know, and people remove a bridge that nobody seems to need; containers notice only that nothing
 * answers any more.
 */
#include "net/link.h"
#include "net/network.h"

/* Makes them so.  The caller holds the lock "networks". */
int net_mend(struct arena *a, int data, const net_networks *all, struct err *e);
/* A sentence for each that is not. */
int net_mend_check(struct strv *v, struct nl *host, int data, const net_networks *all, struct err *e);
#endif
