/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_EDIT_H
#define NET_EDIT_H
/* What is to become of the networks and ports of a container's document.  Pure. */
#include "oci/spec.h"

struct net_plan;
struct net_record;
struct net_edit {
	const struct oci_kist_network *connect; /* NULL: none */
	const char *disconnect;			/* NULL: none */
	LIST_OF(struct oci_kist_port) publish, unpublish; /* the latter by the host's side alone; they go first */
};
bool net_edit_is_empty(const struct net_edit *x);

/* Of a container that lives its record knows better: a change that was killed may have taken effect without having been kept. */
void net_edit_truth(struct arena *a, const struct net_record *r, struct oci_spec *spec);

/*
 * spec->kist with it, and the plan that follows from that, in *plan.  Interfaces keep the names that they have: these stand in the
 * document from then on.
 */
int net_edit(struct arena *a, const struct net_edit *x, struct oci_spec *spec, struct net_plan *plan, struct err *e);
#endif
