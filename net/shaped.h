/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_SHAPED_H
#define NET_SHAPED_H
/*
 * What comes from a container whose sending is limited has passed its shaper, or goes nowhere.
 *
 * The kernel asks no filter about a frame that has just come out of an ifb (skb->tc_skip_classify), and keeps that note when the frame
 * crosses a pair: root of a container that has CAP_NET_ADMIN there could lead what it sends through an ifb of its own, past
 * the filter that leads it to ours (bandwidth.h).  So another filter before that one marks what it sees (a frame that crosses a pair bears
 * no mark of the container's), and the table `bridge kist` drops what comes from a limited pair without the mark.
 * A foreign `nft flush ruleset` opens this again, for those containers alone, until the next limit is set or a repair.
 */
#include "net/nl.h"
#include "oci/bind.h"

/* A program for net_tc_put_filter(), which marks and decides nothing; its descriptor. */
int net_shaped_load(void);
/* The host's end of one pair more; -ENOENT: the table is not there, and is to be made for all of them. */
int net_shaped_add(const char *host_end);
bool net_shaped_has(const char *host_end);
void net_shaped_remove(const char *host_end);
/* For just these; for none there is no table. */
int net_shaped_make(const strings *host_ends);
#endif
