/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_NETWORK_H
#define RUNTIME_NETWORK_H
/* The container's interfaces, addresses and ports: what net/ does, with the data directory's lock around it. */
#include "net/change.h"
#include "runtime/birth.h"
#include "runtime/known.h"
#include "storage/store.h"

/*
 * For a document that says kist.networkOf: opens the network namespace of that container, which must live, and makes *spec join it.  *netns
 * stays open until the child has joined: by then the number of a process may be somebody else's.  A dry run joins
 * nothing: its plan has words in the place of the path.
 */
int network_share(const struct ct_ctx *c, struct oci_spec *spec, bool dry_run, int *netns, struct err *e);
/* Opens the data directory for who changes networks; the lock's descriptor.  -ENOENT: there is none, so nobody has any address. */
int network_lock(struct arena *a, const char *data, struct st_store *store, struct err *e);
/* Parent, once the init is recorded: all that the plan says. */
int network_up(struct birth *b, struct err *e);
/* What of it does not go with the namespace. */
int network_down(const struct ct_ctx *c, const struct ct_record *r, struct err *e);

/* The network namespace of a container that runs, and no other; -ESRCH: it does not. */
int network_open(struct arena *a, const struct ct_record *r, struct err *e);

/* The document of a container that runs, with the networks and ports that it really has. */
int network_truth(struct arena *a, const struct known *k, struct oci_spec *spec, struct err *e);
/* Networks and ports of a container that runs, changed to what `plan` says: begun, which refuses what cannot be, then done, or else
 * undone by network_change_done(). */
struct network_change {
	struct st_store store;
	int lock, netns;
	struct net_place at;
	struct net_change change;
	bool begun;
};
#define NETWORK_CHANGE_NONE { .store = ST_NONE, .lock = -1, .netns = -1 }
void network_change_done(struct network_change *n);
#define auto_network_change __attribute__((cleanup(network_change_done))) struct network_change
int network_change_begin(const struct ct_ctx *c, const struct known *k, const struct net_plan *plan, struct network_change *out, struct err *e);
int network_change_do(struct network_change *n, struct err *e);
#endif
