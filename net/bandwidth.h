/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_BANDWIDTH_H
#define NET_BANDWIDTH_H
/*
 * The bandwidth of a container, limited at the host's end of its pairs, where nothing inside can change it.  Each interface has the
 * whole limit: what the kernel shapes is an interface.
 *
 *	in	a queue (tbf) for what leaves the host's end
 *	out	what comes in there is led to an interface of kind ifb, which has such a queue, and comes back from it as if it had
 *		just come.  There is nowhere else to let it wait: dropping at once instead (policing) costs TCP far more than the limit.
 *
 * What root of the container leads past that is dropped: shaped.h.
 *
 * The pair goes with the container's namespace, the ifb does not; but its name is the pair's but for the beginning, so that who
 * finds one without the other can remove it.
 */
#include "net/lease.h"
#include "net/link.h"
#include "net/rate.h"

/* As wanted, whatever it was before.  After a failure it may be limited in one direction alone. */
int net_limits_set(struct nl *host, const char *host_end, const struct net_limits *want, struct err *e);
/* Every interface of a limited container must have an end on the host. */
int net_limits_fit(const struct net_record *r, struct err *e);
/* Removes what does not go with the pairs of a container. */
void net_limits_drop(const struct net_record *r);
/* The same of all pairs that are gone. */
int net_limits_sweep(struct err *e);

/* The ifb of a pair: its name; its end, and that of what guards it. */
void net_shaper_name(char out[NET_NAME], const char *host_end);
int net_shaper_remove(struct nl *host, const char *host_end);
/* The table that guards all that have one: shaped.h. */
int net_shapers_guard(struct nl *host);
/* How many have one, and how many of these the table does not know.  -errno */
int net_shapers_count(struct nl *host, size_t *all, size_t *unguarded);

/* 1: the container has no limits. */
int net_limits_read(struct arena *a, int data, const char *id, struct net_flows *out, struct err *e);
/* Those of a container that lives become `want` (NULL: none); after a failure they are what they were.  The caller holds the lock "networks". */
int net_limits_change(struct arena *a, int data, const char *id, const struct oci_kist_bandwidth *want, struct err *e);
#endif
