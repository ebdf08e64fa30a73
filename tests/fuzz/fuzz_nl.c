/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers over netlink: whatever they say, what is handed on lies inside of them. */
#include "fuzz.h"
#include "net/fib.h"
#include "net/tc.h"

static int walk(void *data, unsigned type, struct nl_span body)
{
	struct nl_span *whole = data, by[8];
	struct nl_attr attr;
	struct net_fib_rule rule;
	struct net_flow flow;
	auto_arena a = { 0 };

	(void)net_fib_read(&a, body, &rule);
	(void)net_tc_read_shaper(type, body, &flow);
	nl_index(body, by, 8);
	while (nl_next(&body, &attr)) {
		const char *s = nl_str(attr.value);

		if (attr.value.at < whole->at || attr.value.at + attr.value.len > whole->at + whole->len)
			abort();
		if (s && strlen(s) >= attr.value.len)
			abort();
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct nl n = { .fd = -1, .seq = len ? data[0] : 0, .awaits = len ? data[0] : 0 };
	struct nl_span whole = { (const char *)data, len };
	int r = nl_digest(&n, n.seq, whole, walk, &whole);

	if (r > 1 || r < -4095)
		abort();
	return 0;
}
