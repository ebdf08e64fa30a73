/* SPDX-License-Identifier: GPL-2.0-or-later */
/* networks/NAME.json: what is accepted is written back the same, and what is judged good is coherent. */
#include "fuzz.h"
#include "net/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	struct net_network n = { 0 };

	fuzz_fixed_point(&net_network_object, data, len);
	if (oci_decode_text(&a, &net_network_object, "network", (const char *)data, len, &n, NULL) < 0 || net_network_judge(&a, &n, NULL) < 0)
		return 0;
	if (net_is_routed(&n) ? n.gateway || n.gateway6 : !n.on)
		abort();
	if (net_is_routed(&n))
		return 0;
	if (n.v4.gateway.family && !net_cidr_is_host(&n.v4.subnet, &n.v4.gateway))
		abort();
	if (n.v6.gateway.family && !net_cidr_is_host(&n.v6.subnet, &n.v6.gateway))
		abort();
	return 0;
}
