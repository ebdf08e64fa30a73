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
/*
 * An array of `len` elements that one more is about to join: the array itself, or a copy with twice the room.  No
 * capacity is kept beside it: it is full exactly when len is 0 or a power of two of at least 16, so an array that this
 * made must grow by nothing else.  After the last element there is always a zeroed one: fit for argv.
 */
void *arena_grow(struct arena *a, const void *at, size_t len, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_done(struct arena *a);
#define auto_arena __attribute__((cleanup(arena_done))) struct arena
#endif
