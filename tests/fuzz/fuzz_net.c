/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/net/dev: the names of interfaces are the container's. */
#include "fuzz.h"
#include "net/counters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	net_counters l = { NULL, 0 };

	if (net_parse_counters(&a, arena_strndup(&a, (const char *)data, len), &l))
		for (size_t i = 0; i < l.len; i++)
			if (!*l.at[i].name || strchr(l.at[i].name, '\n'))
				abort();
	return 0;
}
