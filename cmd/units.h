/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_UNITS_H
#define CMD_UNITS_H
/* Sizes, times and shares as people write and read them. */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* "512m", "1.5G", "64MiB", "4096": powers of 1024, either case; "-1" is -1.  False leaves *out alone. */
bool units_size(const char *s, int64_t *out);
/* "5s", "500ms", "1m30s" as Go's callers write a duration, or bare seconds: milliseconds. */
bool units_time(const char *s, uint32_t *out);

/* For tables: CG_UNKNOWN is "-", CG_UNLIMITED "max". */
const char *units_show_size(struct arena *a, uint64_t bytes);	  /* "64M", "1.5G" */
const char *units_show_count(struct arena *a, uint64_t n);
const char *units_show_time(struct arena *a, uint64_t usec);	  /* "1.25s" */
const char *units_show_hundredths(struct arena *a, uint64_t n); /* "12.34" */
#endif
