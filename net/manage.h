/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_MANAGE_H
#define NET_MANAGE_H
/* What `kist network` does.  The caller holds the lock "networks" for whatever changes something. */
#include "net/lease.h"

/* A new network: completed, with a subnet of its own when it has none, and written.  Its bridge is made on first use. */
int net_define(struct arena *a, int data, struct net_network *n, struct err *e);
/* Refused while a container that lives is in it. */
int net_undefine(struct arena *a, int data, const char *name, struct err *e);
/* What on this host stands in the way of networks: sentences, none when nothing does. */
int net_check(struct arena *a, int data, strings *out, struct err *e);
#endif
