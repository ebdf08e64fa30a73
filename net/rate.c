/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/rate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	uint64_t bits;
} units[] = { { "gbit", 1000000000 }, { "mbit", 1000000 }, { "kbit", 1000 }, { "bit", 1 } };
enum { UNITS = sizeof(units) / sizeof(units[0]), DIGITS = 20, LEAST = 8000 };
#define MOST UINT64_C(100000000000)

bool net_rate_parse(const char *s, uint64_t *bits)
{
	size_t n = strspn(s, "0123456789"), i = 0;
	char digits[DIGITS + 1] = "";
	uint64_t v;

	if (n > DIGITS)
		return false;
	memcpy(digits, s, n);
	while (i < UNITS && strcasecmp(s + n, units[i].name) != 0)
		i++;
	if (i == UNITS || !text_u64(digits, &v) || __builtin_mul_overflow(v, units[i].bits, &v) || v < LEAST || v > MOST)
		return false;
	*bits = v;
	return true;
}

const char *net_rate_text(struct arena *a, uint64_t bits)
{
	size_t i = 0;

	while (bits % units[i].bits)
		i++;
	return arena_printf(a, "%" PRIu64 "%s", bits / units[i].bits, units[i].name);
}

int net_rate_judge(const char *source, const char *text, uint64_t *bits, struct err *e)
{
	if (net_rate_parse(text, bits))
		return 0;
	return err_set(e, EINVAL, "%s \"%.40s\": expected a whole number of bit, kbit, mbit or gbit a second, from 8kbit to 100gbit, such as 100mbit",
		       source, text);
}

int net_limits_judge(const struct oci_kist_bandwidth *b, struct net_limits *out, struct err *e)
{
	struct net_limits l = { 0 };
	int r = b && b->in ? net_rate_judge("kist.bandwidth.in", b->in, &l.in, e) : 0;

	if (!r && b && b->out)
		r = net_rate_judge("kist.bandwidth.out", b->out, &l.out, e);
	if (!r)
		*out = l;
	return r;
}

enum { ETHERNET = 14, IPV4 = 20, LEAST_MTU = 68 };
/* Of a second: 25 ms at once, 50 ms waiting.  With 10 ms a busy host, which looks at the queue later than the kernel has
 * asked for, loses what it could have sent meanwhile. */
enum { BURSTS = 40, WAITS = 20 };
enum { LEAST_WAIT = 20 };	   /* frames: a few for each of some connections, also where that takes longer */

static uint32_t at_least(uint64_t v, uint32_t least)
{
	return v < least ? least : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

struct net_shape net_limits_shape(uint64_t bits, uint32_t mtu)
{
	uint32_t packet = mtu < LEAST_MTU ? LEAST_MTU : mtu, frame = packet + ETHERNET;
	uint64_t rate = (uint64_t)((unsigned __int128)bits * frame / (packet - IPV4) / 8);
	/* Less than a frame would never pass; of two, one can come while the other leaves. */
	uint32_t burst = at_least(rate / BURSTS, 2 * frame);

	return (struct net_shape){ .rate = rate, .burst = burst, .limit = burst + at_least(rate / WAITS, LEAST_WAIT * frame) };
}
