/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_APPLY_H
#define NET_APPLY_H
/* Effects of the network plan. */
#include "net/plan.h"

/*
 * Parent: gives the container's network namespace `netns` what is planned.  Before anything is changed it looks whether all can be done.  There is
 * no undo: with its namespace the kernel takes virtual interfaces away and gives hardware back to the host.
 */
int net_apply(struct arena *a, const struct net_plan *p, int netns, struct err *e);
#endif
