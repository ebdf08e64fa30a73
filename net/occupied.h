/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_OCCUPIED_H
#define NET_OCCUPIED_H
/*
 * A port that is published takes the packets away from a program of the host that listens there: nobody would tell it or its
 * administrator.  So it is refused.
 *
 * Binding a socket asks the kernel in a few microseconds, but it is also refused for what is not in the way: the port of a connection
 * that goes out, or a listener at an address that no published port leads away from (127.0.0.53).  When it is, the kernel lists
 * who listens (sock_diag); where it cannot, the refusal counts.  Of SCTP the kernel is only asked for the list (sctp_diag): without that
 * nobody knows.
 */
#include "net/lease.h"

/* -EADDRINUSE: a program listens at one of r's ports that `had` does not lead away from there already (NULL: none). */
int net_occupied(struct arena *a, const struct net_record *r, const struct net_record *had, struct err *e);
#endif
