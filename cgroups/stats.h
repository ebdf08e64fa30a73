/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CGROUPS_STATS_H
#define CGROUPS_STATS_H
/*
 * What a cgroup used, what it may use, and how often it was held back: the interface files of
 * Documentation/admin-guide/cgroup-v2.rst as one value.  A file that the kernel or the missing controller
 * does not have leaves its numbers at CG_UNKNOWN; the word "max" is CG_UNLIMITED.
 */
#include "base/err.h"
#include "oci/spec.h"

#define CG_UNKNOWN UINT64_MAX
#define CG_UNLIMITED (UINT64_MAX - 1)

struct cg_pressure { /* Documentation/accounting/psi.rst: hundredths of a percent, and microseconds */
	uint64_t avg10, avg60, avg300, total;
};

struct cg_io {
	uint64_t major, minor, rbytes, wbytes, rios, wios;
};

struct cg_huge {
	const char *size; /* "2MB" */
	uint64_t usage, limit, hits;
};

struct cg_stats {
	struct {
		uint64_t usage, peak, limit, high, low; /* bytes */
		uint64_t swap, swap_peak, swap_limit;
		uint64_t anon, file, kernel, slab, shmem, inactive_file;
		uint64_t low_hits, high_hits, max_hits, oom, oom_kill, swap_hits;
		strings raw_names; /* memory.stat as it is, for runc's document */
		LIST_OF(uint64_t) raw;
		struct cg_pressure some, full;
	} memory;
	struct {
		uint64_t usage, user, system; /* microseconds */
		uint64_t periods, throttled, throttled_time;
		uint64_t quota, period, weight;
		struct cg_pressure some, full;
	} cpu;
	struct {
		uint64_t current, peak, limit, hits;
	} pids;
	bool io_known; /* an empty list then means that nothing was read or written */
	LIST_OF(struct cg_io) io;
	struct cg_pressure io_some, io_full;
	LIST_OF(struct cg_huge) huge;
};

/* -ENOENT when the cgroup is gone. */
struct cg_own;
int cg_read_stats(struct arena *a, const struct cg_own *g, struct cg_stats *out, struct err *e);
#endif
