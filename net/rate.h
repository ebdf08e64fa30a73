/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_RATE_H
#define NET_RATE_H
/* Bandwidths as people write them, and as the kernel wants them.  Pure. */
#include "net/tc.h"
#include "oci/spec.h"

/* Powers of 1000, either case.  Not as tc(8) has them, where kbps are bytes: who reads it need not know. */
bool net_rate_parse(const char *s, uint64_t *bits);
int net_rate_judge(const char *source, const char *text, uint64_t *bits, struct err *e); /* with a sentence that begins with the source */
const char *net_rate_text(struct arena *a, uint64_t bits); /* the shortest that says the same */

struct net_limits {
	uint64_t in, out; /* bits per second; 0: unlimited */
};
/* And what they did. */
struct net_flows {
	struct net_limits limits;
	struct net_flow in, out; /* of all interfaces together; zeroes where there is no limit */
};
int net_limits_judge(const struct oci_kist_bandwidth *b, struct net_limits *out, struct err *e);

/*
 * What a queue must do so that packets of full size carry `bits` per second behind their IP header.  The kernel counts frames, so
 * those headers come on top: then frames, UDP and TCP, of IPv4 and of IPv6, are all measured within 5 % of what was asked
 * for, where a rate of frames would leave TCP over IPv6 6 % short.
 */
struct net_shape net_limits_shape(uint64_t bits, uint32_t mtu);
#endif
