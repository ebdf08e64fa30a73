/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_PUBLISHED_H
#define NET_PUBLISHED_H
/*
 * Which packets to the host a published port is about: those to all its addresses, to all of one family ("0.0.0.0", "::"), or to one.  Of
 * two ports of the same number the one of one address is asked first, so they are not in each other's way.  Pure.
 */
#include "base/text.h"
#include "net/ip.h"
#include "oci/spec.h"

typedef LIST_OF(struct oci_kist_port) net_ports;

uint32_t net_published_last(const struct oci_kist_port *p);
/* .family 0: of both; otherwise net_ip_is_none(): of all addresses of the family. */
struct net_ip net_published_at(const struct oci_kist_port *p);
bool net_published_in(const struct oci_kist_port *p, int family);
bool net_published_has(const struct oci_kist_port *p, const struct net_ip *to);
bool net_published_overlap(const struct oci_kist_port *x, const struct oci_kist_port *y); /* one packet would be of both */
bool net_published_same(const struct oci_kist_port *x, const struct oci_kist_port *y);	  /* on the host's side */

/* Those of a document; in *out addresses are well formed. */
int net_published_plan(struct arena *a, const struct oci_kist *k, net_ports *out, struct err *e);
void net_published_explain(const struct oci_kist_port *p, struct text *out);
#endif
