/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H
/*
 * resolv.conf(5) for an instance: the host's, without the nameservers that nobody but the host can reach, and with what was
 * asked for in the place of each kind.  An instance whose networks have no way out gets the same: asking fails at once, for
 * it has no route.  One without any network gets no nameserver until it has one.  Pure.
 */
#include "oci/spec.h"

struct net_resolver {
	strings servers, search, options;
	bool local; /* of servers: some were on the loopback, and left out */
	bool alone; /* there is no network to ask in: none of the servers */
	bool stub;  /* systemd-resolved's was among them, which has a file with those that it asks */
};
/* Whatever is no such line says nothing.  `loopback`: the instance has the host's. */
void net_resolver_read(struct arena *a, const char *text, size_t len, bool loopback, struct net_resolver *out);
const char *net_resolver_text(struct arena *a, const struct net_resolver *host, const struct oci_kist_names *asked);
bool net_is_search(const char *s);
bool net_is_resolver_option(const char *s);
#endif
