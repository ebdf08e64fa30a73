/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16 * 1024, GROW = 16 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char mem[];
};

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->top;
	size_t want = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *p;

	if (want < size)
		abort();
	if (!b || b->size - b->used < want) {
		size_t room = want > BLOCK ? want : BLOCK;

		b = calloc(1, sizeof(*b) + room);
		if (!b)
			abort();
		b->size = room;
		b->next = a->top;
		a->top = b;
	}
	p = b->mem + b->used;
	b->used += want;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		abort();
	return arena_alloc(a, all);
}

void *arena_grow(struct arena *a, const void *at, size_t len, size_t size)
{
	bool full = !len || (len >= GROW && !(len & (len - 1)));
	void *more;

	if (!full)
		return (void *)(uintptr_t)at;
	more = arena_array(a, (len ? len * 2 : GROW) + 1, size);
	if (len)
		memcpy(more, at, len * size);
	return more;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void arena_done(struct arena *a)
{
	while (a->top) {
		struct arena_block *b = a->top;

		a->top = b->next;
		free(b);
	}
}
