/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_PHYS_H
#define NET_PHYS_H
/*
 * An interface of the host that one container has for itself.  When its namespace goes the kernel gives hardware back to the host, but
 * down, without addresses, and by the name it had inside; what was is in the container's record.  At the container's end that becomes a
 * note, for the namespace goes when the kernel has time and nobody else keeps it, and the record does not stay so long:
 *
 *	away/HARDWARE.json	what an interface was that is to come back
 *
 * The note is gone once the interface is what it was: at the container's end, when another container comes into the network, by a
 * repair.  Everything else than hardware the kernel deletes, so that is refused.
 */
#include "net/bridge.h"
#include "net/lease.h"
#include "net/place.h"

struct net_phys {
	const struct net_taken *taken;
	unsigned char mac[NET_MAC];
	net_cidrs addresses;
};
/* Looks at the interface of the network, and refuses what is needed elsewhere.  -EAGAIN: it is on its way back, which is not waited for
 * while the lock is held. */
int net_phys_look(struct arena *a, const struct net_place *at, const struct net_network *n, struct net_phys *out, struct err *e);
int net_phys_give(struct nl *host, const struct net_network *n, const struct net_link *on, const struct net_port *p, struct err *e);
/* Out of a namespace that lives; -errno, -ENODEV: it is not there. */
int net_phys_take_back(struct nl *host, struct nl *inside, const struct net_taken *t);
/* After the end of its container, whose namespace may still be on its way out.  How many of its interfaces are not back, or -errno. */
int net_phys_return(struct arena *a, int data, const struct net_record *r, struct err *e);
/* The same, later: of container `id`, of the interface that was named so; NULL: of any. */
int net_phys_settle(struct arena *a, int data, const char *id, const char *interface, struct err *e);
#endif
