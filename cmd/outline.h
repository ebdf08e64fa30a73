/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_OUTLINE_H
#define CMD_OUTLINE_H
/*
 * Statistics as JSON: numbers of a struct under dotted paths ("cpu.usage.total"), so that a document is a
 * table and not a nest of calls.  Objects open and close as the path of the next number says; paths of one
 * object must follow each other.
 */
#include "cgroups/stats.h"
#include "oci/json.h"

enum outline_unknown {
	OUTLINE_RUNC, /* unknown is 0, unlimited 2^64-1 */
	OUTLINE_KIST, /* unknown is left out, unlimited null */
};

struct outline {
	struct arena *arena;
	struct json_out *out;
	enum outline_unknown unknown;
	const char *open[8];
	size_t depth;
};

struct outline_row {
	const char *path;
	size_t offset;	/* of a uint64_t */
	unsigned times; /* the number is multiplied by it */
};

/* Leaves the writer behind the key of the path's last word: the value comes next. */
void outline_key(struct outline *o, const char *path);
void outline_number(struct outline *o, const char *path, uint64_t v);
void outline_rows(struct outline *o, const struct outline_row *rows, size_t n, const void *from);
/* PATH.some and PATH.full, as far as known: avg10, avg60, avg300 in percent and total in microseconds. */
void outline_pressure(struct outline *o, const char *path, const struct cg_pressure *some,
		      const struct cg_pressure *full);
void outline_end(struct outline *o); /* closes what is open, but nothing that the caller opened */
#endif
