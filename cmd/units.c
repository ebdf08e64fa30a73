/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/units.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cgroups/stats.h"

/* "12" or "12.75" at *s, which moves behind it; the part is in millionths. */
struct decimal {
	uint64_t whole, part;
};

static bool decimal(const char **s, struct decimal *out)
{
	const char *p = *s;
	uint64_t unit = 100000;

	*out = (struct decimal){ 0, 0 };
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(out->whole, 10, &out->whole) ||
		    __builtin_add_overflow(out->whole, (uint64_t)(*p - '0'), &out->whole))
			return false;
	if (*p == '.') {
		if (p[1] < '0' || p[1] > '9')
			return false;
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			out->part += unit * (uint64_t)(*p - '0');
	}
	*s = p;
	return true;
}

bool units_size(const char *s, int64_t *out)
{
	static const char letters[] = "kmgtp";
	const char *unit;
	struct decimal d;
	uint64_t factor = 1;
	unsigned __int128 v;

	if (!strcmp(s, "-1")) {
		*out = -1;
		return true;
	}
	if (!decimal(&s, &d))
		return false;
	s += *s == ' ' && s[1];
	unit = *s ? strchr(letters, *s | 0x20) : NULL;
	if (unit)
		factor = 1ULL << (10 * (unit - letters + 1));
	s += unit != NULL;
	/* Half a byte is nothing, but half a megabyte is. */
	if ((*s && strcasecmp(s, "b") && (!unit || strcasecmp(s, "ib"))) || (d.part && !unit))
		return false;
	v = (unsigned __int128)d.whole * factor + (unsigned __int128)d.part * factor / 1000000;
	if (v > INT64_MAX)
		return false;
	*out = (int64_t)v;
	return true;
}

static const struct {
	const char *name;
	uint32_t ms;
} times[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };

/* One "30s" at *s, in milliseconds. */
static bool one_time(const char **s, uint64_t *out)
{
	struct decimal d;
	size_t n;

	if (!decimal(s, &d) || d.whole > UINT32_MAX)
		return false;
	n = strspn(*s, "msh");
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strlen(times[i].name) == n && !memcmp(times[i].name, *s, n)) {
			*s += n;
			*out = d.whole * times[i].ms + d.part * times[i].ms / 1000000;
			return true;
		}
	*out = d.whole * 1000 + d.part / 1000;
	return !**s;
}

bool units_time(const char *s, uint32_t *out)
{
	uint64_t sum = 0;

	do {
		uint64_t one;

		if (!one_time(&s, &one))
			return false;
		sum += one;
	} while (*s && sum <= UINT32_MAX);
	if (sum > UINT32_MAX)
		return false;
	*out = (uint32_t)sum;
	return true;
}

static const char *word_for(uint64_t n)
{
	return n == CG_UNKNOWN ? "-" : n == CG_UNLIMITED ? "max" : NULL;
}

/* At most four characters and the unit: one place after the point while that says something. */
const char *units_show_size(struct arena *a, uint64_t bytes)
{
	static const char letters[] = "BKMGTPE";
	const char *word = word_for(bytes);
	uint64_t tenths;
	int unit = 0;

	if (word || bytes < 1024)
		return word ? word : arena_printf(a, "%" PRIu64 "B", bytes);
	for (tenths = bytes; tenths >= 1024 * 1024; tenths >>= 10)
		unit++;
	tenths = (tenths * 10 + 512) >> 10;
	unit++;
	if (tenths >= 10240) {
		tenths = 10;
		unit++;
	}
	if (tenths % 10 == 0 || tenths >= 1000)
		return arena_printf(a, "%" PRIu64 "%c", (tenths + 5) / 10, letters[unit]);
	return arena_printf(a, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10, letters[unit]);
}

const char *units_show_count(struct arena *a, uint64_t n)
{
	const char *word = word_for(n);

	return word ? word : arena_printf(a, "%" PRIu64, n);
}

const char *units_show_hundredths(struct arena *a, uint64_t n)
{
	const char *word = word_for(n);

	return word ? word : arena_printf(a, "%" PRIu64 ".%02" PRIu64, n / 100, n % 100);
}

const char *units_show_time(struct arena *a, uint64_t usec)
{
	const char *word = word_for(usec);

	return word ? word : arena_printf(a, "%ss", units_show_hundredths(a, usec / 10000));
}
