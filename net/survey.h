/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_SURVEY_H
#define NET_SURVEY_H
/* Which addresses the host knows already: its own, those it has routes to, and those of kist's networks. */
#include "net/network.h"

int net_survey(struct arena *a, int data, net_cidrs *out, struct err *e);
#endif
