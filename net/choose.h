/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CHOOSE_H
#define NET_CHOOSE_H
/* Of all the networks that a container is in: which has the default route, and where its ports lead.  Pure. */
#include "net/join.h"

/* The first network with a way out has it; one for each family. */
void net_choose_routes(const net_joins *all);
/* Ports lead to the first address of each family that the firewall knows.  -EINVAL: there is none for one of record->ports. */
int net_choose_targets(struct arena *a, const net_joins *all, struct net_record *record, struct err *e);
bool net_choose_leads(const struct net_record *r, const struct oci_kist_port *p);
#endif
