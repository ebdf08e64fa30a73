/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_LOOPBACK_H
#define NET_LOOPBACK_H
/*
 * Published ports at the host's own 127.0.0.1.  The kernel lets packets of 127.0.0.0/8 out of a bridge, and their answers in, only where
 * route_localnet is on; but then whoever is on the bridge can send to the host's 127.0.0.1, where services listen that trust
 * whoever reaches them (CVE-2020-8558).  So before it is switched on, a filter of the bridge throws away what comes in from or for
 * 127.0.0.0/8.  It belongs to the interface (tc), not to the firewall: flushing that leaves it where it is.
 *
 * It sees packets before conntrack gives answers their 127.0.0.1 back, unless the sysctl net.bridge.bridge-nf-call-iptables is on: then
 * the firewall comes first.  For such answers the filter lets through what bears NET_MARK, and the firewall, without which
 * nothing bears it, itself drops what was for 127.0.0.0/8 when it came.
 *
 * Only 127.0.0.1 leads to ports; the rest of 127.0.0.0/8 is the host's own (127.0.0.53 is a resolver).  So is ::1: the kernel takes
 * no answer for it that comes from outside.  Who asks there first is refused at once and goes on to 127.0.0.1.
 */
#include "net/network.h"

/* For the bridges of all networks that have a way out, as far as they are there.  False: this kernel cannot, and 127.0.0.1 stays the
 * host's own. */
bool net_loopback_open(struct arena *a, const net_networks *all);
#endif
