/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_MEASURE_H
#define CMD_MEASURE_H
/* The statistics of containers in the forms in which they are printed.  Pure. */
#include "cgroups/stats.h"
#include "net/counters.h"
#include "net/rate.h"

struct measure {
	const char *id;
	uint64_t at; /* microseconds of a clock that only goes forward */
	struct cg_stats s;
	bool net_known; /* the container has a network that is not the host's */
	net_counters net;
	bool flows_known;	/* its bandwidth is limited, or was */
	struct net_flows flows;
};
typedef LIST_OF(struct measure) measures;

/* runc's "stats" event (its types/events.go), one line. */
const char *measure_event(struct arena *a, const char *id, const struct cg_stats *s);

/* What people read.  CPU time since `before` decides the share; a container that is not in there has none. */
const char *measure_table(struct arena *a, const measures *now, const measures *before);
const char *measure_json(struct arena *a, const measures *now);

/* What is limited, and how often the limit was hit; with all also what could be limited. */
const char *measure_limits_table(struct arena *a, const measures *now, bool all);
const char *measure_limits_json(struct arena *a, const measures *now, bool all);
#endif
