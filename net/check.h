/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CHECK_H
#define NET_CHECK_H
/* The parts of net_check(): each adds a sentence, with the cure, for everything that stands in the way of a network. */
#include "base/text.h"
#include "net/network.h"
#include "net/nl.h"

bool net_check_any_bridge(const net_networks *all); /* without one there is nothing yet that could be in order or not */
/* nf_tables, in which iptables of today keeps its rules, too. */
int net_check_firewall(struct strv *v, int data, const net_networks *all, struct err *e);
int net_check_guard(struct strv *v, struct nl *host, int data, const net_networks *all, struct err *e);
void net_check_iptables(struct strv *v, const net_networks *all);
#endif
