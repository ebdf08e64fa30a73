/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
/*
 * Growable text over an arena.  `at` is always NUL-terminated once something was added and stays valid
 * until the next addition; old buffers stay in the arena, so growth doubles.
 */
struct text {
	struct arena *arena;
	char *at;
	size_t len, room;
};

void text_add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_addn(struct text *t, const char *s, size_t n);
const char *text_str(struct text *t); /* never NULL */

/* Growable vector of strings, always NULL-terminated: fit for argv and envp. */
struct strv {
	struct arena *arena;
	const char **at;
	size_t len;
};

void strv_add(struct strv *v, const char *s);
/* Sets NAME=VALUE in an environment vector, replacing an earlier one. */
void strv_setenv(struct strv *v, const char *name, const char *value);
const char *strv_getenv(const struct strv *v, const char *name); /* NULL when absent */

/* Whole-string decimal numbers: no sign, space, base prefix or tail; false leaves *out alone (CVE-2026-30892). */
bool text_u64(const char *s, uint64_t *out);
bool text_u32(const char *s, uint32_t *out);
bool text_i64(const char *s, int64_t *out); /* one leading '-' allowed */
/*
 * A list of numbers as cpuset(7) writes it: "0-3,5", spaces allowed, an empty one is fine.  Sets the bits in mask
 * (TEXT_BITS of them, zeroed by the caller; NULL to check only); false when it is no such list or beyond the mask.
 */
enum { TEXT_BITS = 1024, TEXT_WORD = 8 * sizeof(unsigned long) };
bool text_bits(const char *list, unsigned long mask[TEXT_BITS / TEXT_WORD]);
/* RFC 3339 in UTC with nanoseconds, "2026-11-20T09:51:45.000000001Z".  Not strftime(3): that reads the time zone's file. */
enum { TEXT_TIME = 64 };
struct timespec;
void text_time(char out[TEXT_TIME], const struct timespec *t);
/* Words are parted by spaces and newlines, as the kernel lists controllers. */
bool text_has_word(const char *words, const char *word);
bool text_starts(const char *s, const char *prefix);
/* Names and what strangers say stand in a sentence or a table: it stays one line, and no terminal obeys it. */
void text_one_line(char *s);
/* Length of the UTF-8 sequence at s; 0 when it is none: overlong, surrogate, cut off, above U+10FFFF. */
size_t text_utf8(const char *s);
#endif
