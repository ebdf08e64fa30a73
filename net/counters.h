/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_COUNTERS_H
#define NET_COUNTERS_H
/* What went through the interfaces of a network namespace: /proc/PID/net/dev (proc(5)), as that namespace sees it. */
#include <sys/types.h>

#include "base/err.h"
#include "oci/bind.h"

struct net_interface {
	const char *name;
	uint64_t rx_bytes, rx_packets, rx_errors, rx_dropped;
	uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped;
};
typedef LIST_OF(struct net_interface) net_counters;

/* Pure.  Without the loopback; false when the text has another form. */
bool net_parse_counters(struct arena *a, const char *text, net_counters *out);
/* Of the namespace that a process is in; -errno.  Whose number that is by now is the caller's to know. */
int net_read_counters(struct arena *a, pid_t pid, net_counters *out);
#endif
