/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_CHANGE_PARTS_H
#define NET_CHANGE_PARTS_H
/* What change.c, change_do.c and change_finish.c have of each other. */
#include "net/change.h"

struct net_attachment *net_change_find(const struct net_record *r, const char *network); /* NULL: it is not in it */
bool net_change_is_new(const struct net_change *c, size_t i);				 /* c->after.networks.at[i] */
void net_change_release(const struct net_change *c, const struct net_attachment *t);
bool net_change_is_unfinished(const struct net_record *r);
/* c->before and c->known. */
int net_change_look(struct net_change *c, struct err *e);
/* net_change_begin() where nothing is unfinished, or as if it were to be left. */
int net_change_start(struct arena *a, const struct net_plan *p, const struct net_place *at, struct net_change *c, struct err *e);
#endif
