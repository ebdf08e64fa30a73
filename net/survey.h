/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_SURVEY_H
#define NET_SURVEY_H
/* Which addresses the host knows already. */
#include "net/network.h"

struct net_known {
	net_cidrs all;
	size_t own; /* the first ones are the host's own subnets and those of kist's networks; then come those that routes lead to */
};
int net_survey(struct arena *a, int data, struct net_known *out, struct err *e);
#endif
