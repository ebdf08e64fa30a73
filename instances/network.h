/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_NETWORK_H
#define INSTANCES_NETWORK_H
/* --network, --ip and its like, --publish, --bandwidth-in and --bandwidth-out, judged. */
#include "instances/options.h"

typedef LIST_OF(struct oci_kist_port) inst_ports;
struct inst_network {
	bool host;	/* the host's own */
	const char *of; /* that of another instance or container; NULL: loopback and these: */
	LIST_OF(struct oci_kist_network) networks;
	inst_ports ports;
	const struct oci_kist_bandwidth *bandwidth; /* NULL: not limited */
};
/* `option`: whose values they are. */
int inst_ports_parse(struct arena *a, const char *option, const strings *given, inst_ports *out, struct err *e);
int inst_network_parse(struct arena *a, const struct inst_options *o, struct inst_network *out, struct err *e);
#endif
