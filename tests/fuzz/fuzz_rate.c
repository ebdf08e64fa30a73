/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bandwidths: what is one is within its bounds, is called by a name that means the same, and makes a queue that lets packets pass. */
#include "fuzz.h"
#include "net/rate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	uint32_t mtu = len ? data[0] * 257U : 0;
	uint64_t bits, again;
	struct net_shape s;

	if (!len || !net_rate_parse(arena_strndup(&a, (const char *)data + 1, len - 1), &bits))
		return 0;
	if (!net_rate_parse(net_rate_text(&a, bits), &again) || again != bits)
		abort();
	s = net_limits_shape(bits, mtu);
	if (s.rate < bits / 8 || s.burst <= mtu || s.limit <= s.burst)
		abort();
	return 0;
}
