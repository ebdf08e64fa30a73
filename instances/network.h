/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_NETWORK_H
#define INSTANCES_NETWORK_H
/* --network, --ip and its like, --publish, --bandwidth-in and --bandwidth-out, judged. */
#include "instances/options.h"

struct inst_network {
	bool host;	/* the host's own */
	const char *of; /* that of another instance or container; NULL: loopback and these: */
	LIST_OF(struct oci_kist_network) networks;
	LIST_OF(struct oci_kist_port) ports;
	const struct oci_kist_bandwidth *bandwidth; /* NULL: not limited */
};
int inst_network_parse(struct arena *a, const struct inst_options *o, struct inst_network *out, struct err *e);
#endif
