/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void grow(struct text *t, size_t more)
{
	size_t room = t->room ? t->room : 256;
	char *p;

	if (t->len + more + 1 <= t->room)
		return;
	while (room < t->len + more + 1)
		room *= 2;
	p = arena_alloc(t->arena, room);
	if (t->len)
		memcpy(p, t->at, t->len);
	t->at = p;
	t->room = room;
}

void text_addn(struct text *t, const char *s, size_t n)
{
	grow(t, n);
	if (n) /* s may be NULL then */
		memcpy(t->at + t->len, s, n);
	t->len += n;
	t->at[t->len] = 0;
}

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	grow(t, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(t->at + t->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}

const char *text_str(struct text *t)
{
	return t->at ? t->at : "";
}

void strv_add(struct strv *v, const char *s)
{
	v->at = arena_grow(v->arena, v->at, v->len, sizeof(*v->at));
	v->at[v->len++] = s;
}

static size_t find_env(const struct strv *v, const char *name)
{
	size_t n = strlen(name), i;

	for (i = 0; i < v->len; i++)
		if (!strncmp(v->at[i], name, n) && v->at[i][n] == '=')
			break;
	return i;
}

void strv_setenv(struct strv *v, const char *name, const char *value)
{
	size_t i = find_env(v, name);
	const char *s = arena_printf(v->arena, "%s=%s", name, value);

	if (i < v->len)
		v->at[i] = s;
	else
		strv_add(v, s);
}

const char *strv_getenv(const struct strv *v, const char *name)
{
	size_t i = find_env(v, name);

	return i < v->len ? v->at[i] + strlen(name) + 1 : NULL;
}

bool text_u64(const char *s, uint64_t *out)
{
	uint64_t n = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			return false;
	}
	*out = n;
	return true;
}

bool text_u32(const char *s, uint32_t *out)
{
	uint64_t n;

	if (!text_u64(s, &n) || n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

bool text_i64(const char *s, int64_t *out)
{
	bool minus = *s == '-';
	uint64_t n;

	if (!text_u64(s + minus, &n) || n > (uint64_t)INT64_MAX + minus)
		return false;
	*out = minus ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

bool text_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* Days since 1970-01-01 to a date of the Gregorian calendar, counted in years that begin with March. */
static void date_of(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = z / 146097, of_era = z % 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

void text_time(char out[TEXT_TIME], const struct timespec *t)
{
	int year, month, day, s = (int)(t->tv_sec % 86400);

	date_of(t->tv_sec / 86400, &year, &month, &day);
	snprintf(out, TEXT_TIME, "%04d-%02d-%02dT%02d:%02d:%02d.%09uZ", year % 10000, month, day, s / 3600, s / 60 % 60, s % 60,
		 (unsigned)t->tv_nsec % 1000000000U);
}

/* One end of a range; NULL when there is none. */
static const char *number(const char *s, unsigned long *out)
{
	size_t n = strspn(s, "0123456789");

	*out = strtoul(s, NULL, 10);
	return n && n < 9 ? s + n : NULL;
}

bool text_bits(const char *list, unsigned long mask[TEXT_BITS / TEXT_WORD])
{
	while (*(list += strspn(list, ", "))) {
		unsigned long from, to;

		list = number(list, &from);
		to = from;
		if (list && *list == '-')
			list = number(list + 1, &to);
		if (!list || from > to || to >= TEXT_BITS || !strchr(", ", *list))
			return false;
		for (; mask && from <= to; from++)
			mask[from / TEXT_WORD] |= 1UL << from % TEXT_WORD;
	}
	return true;
}

bool text_has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; *p; p += strcspn(p, " \n"), p += strspn(p, " \n"))
		if (!strncmp(p, word, n) && strcspn(p, " \n") == n)
			return true;
	return false;
}

size_t text_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f))
		return 0;
	if ((*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* U+0080 to U+009F are commands, too; a byte that is no UTF-8 may be one of them. */
static bool is_control(const char *s, size_t len)
{
	return !len || (unsigned char)*s < 0x20 || *s == 0x7f || ((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0);
}

void text_one_line(char *s)
{
	for (size_t len; *s; s += len ? len : 1) {
		len = text_utf8(s);
		if (is_control(s, len))
			memset(s, *s == '\n' || *s == '\t' ? ' ' : '?', len ? len : 1);
	}
}
