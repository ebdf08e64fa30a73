/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CHECK_H
#define NET_CHECK_H
/* The parts of net_check(): each adds a sentence, with the cure, for everything that stands in the way of a network. */
#include "base/text.h"
#include "net/network.h"

/* nf_tables, in which iptables of today keeps its rules, too. */
int net_check_firewall(struct strv *v, const net_networks *all, struct err *e);
void net_check_iptables(struct strv *v, const net_networks *all);
#endif
