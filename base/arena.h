/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include <stddef.h>
/*
 * Everything parsed or planned for one command lives in one arena and dies with it; there are no free
 * functions for parsed data.  A zeroed struct is an empty arena.
 */
struct arena {
	struct arena_block *top;
};

void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type; aborts when memory is gone */
void *arena_array(struct arena *a, size_t n, size_t size); /* the same, with the product checked */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_done(struct arena *a);
#define auto_arena __attribute__((cleanup(arena_done))) struct arena
#endif
