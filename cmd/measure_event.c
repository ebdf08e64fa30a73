/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "cmd/measure.h"
#include "cmd/outline.h"

/* What runc prints of cgroup v2 is partly what v1 had: swap is memory and swap together, without a peak. */
struct shown {
	struct cg_stats s;
	uint64_t swap_usage, swap_limit, none;
};

#define AT(member) offsetof(struct shown, member)
static const struct outline_row rows[] = {
	{ "cpu.usage.total", AT(s.cpu.usage), 1000 },
	{ "cpu.usage.kernel", AT(s.cpu.system), 1000 },
	{ "cpu.usage.user", AT(s.cpu.user), 1000 },
	{ "cpu.throttling.periods", AT(s.cpu.periods), 1 },
	{ "cpu.throttling.throttledPeriods", AT(s.cpu.throttled), 1 },
	{ "cpu.throttling.throttledTime", AT(s.cpu.throttled_time), 1000 },
};
static const struct outline_row memory_rows[] = {
	{ "memory.cache", AT(s.memory.file), 1 },
	{ "memory.usage.limit", AT(s.memory.limit), 1 },
	{ "memory.usage.usage", AT(s.memory.usage), 1 },
	{ "memory.usage.max", AT(s.memory.peak), 1 },
	{ "memory.usage.failcnt", AT(s.memory.max_hits), 1 },
	{ "memory.swap.limit", AT(swap_limit), 1 },
	{ "memory.swap.usage", AT(swap_usage), 1 },
	{ "memory.swap.failcnt", AT(s.memory.swap_hits), 1 },
	{ "memory.kernel.limit", AT(none), 1 },
	{ "memory.kernel.usage", AT(s.memory.kernel), 1 },
	{ "memory.kernel.failcnt", AT(none), 1 },
	{ "memory.kernelTCP.limit", AT(none), 1 },
	{ "memory.kernelTCP.failcnt", AT(none), 1 },
	{ "memory.event_count.low", AT(s.memory.low_hits), 1 },
	{ "memory.event_count.high", AT(s.memory.high_hits), 1 },
	{ "memory.event_count.max", AT(s.memory.max_hits), 1 },
	{ "memory.event_count.oom", AT(s.memory.oom), 1 },
	{ "memory.event_count.oom_kill", AT(s.memory.oom_kill), 1 },
};
static const struct outline_row pids_rows[] = {
	{ "pids.current", AT(s.pids.current), 1 },
	{ "pids.limit", AT(s.pids.limit), 1 },
};
#define ROWS(o, rows, from) outline_rows(o, rows, sizeof(rows) / sizeof((rows)[0]), from)

static struct shown as_shown(const struct cg_stats *s)
{
	struct shown v = { .s = *s, .swap_usage = s->memory.usage, .swap_limit = s->memory.swap_limit };

	if (s->memory.swap != CG_UNKNOWN && s->memory.usage != CG_UNKNOWN)
		v.swap_usage += s->memory.swap;
	if (v.swap_limit < CG_UNLIMITED)
		v.swap_limit = s->memory.limit < CG_UNLIMITED ? v.swap_limit + s->memory.limit : CG_UNLIMITED;
	if (s->pids.limit == CG_UNLIMITED)
		v.s.pids.limit = 0;
	return v;
}

static void memory(struct outline *o, const struct shown *v)
{
	ROWS(o, memory_rows, v);
	for (size_t i = 0; i < v->s.memory.raw.len; i++)
		outline_number(o, arena_printf(o->arena, "memory.raw.%s", v->s.memory.raw_names.at[i]),
			       v->s.memory.raw.at[i]);
	outline_pressure(o, "memory.psi", &v->s.memory.some, &v->s.memory.full);
}

static void io_entry(struct json_out *w, const struct cg_io *io, const char *op, uint64_t value)
{
	json_out_open(w, JSON_OBJECT);
	json_out_key(w, "major");
	json_out_u64(w, io->major);
	json_out_key(w, "minor");
	json_out_u64(w, io->minor);
	json_out_key(w, "op");
	json_out_str(w, op);
	json_out_key(w, "value");
	json_out_u64(w, value);
	json_out_close(w, JSON_OBJECT);
}

/* Each device gives two entries, as blkio.io_service_bytes_recursive of cgroup v1 did. */
static void io_list(struct outline *o, const struct cg_stats *s, const char *path, size_t read,
		    size_t written)
{
	outline_key(o, path);
	json_out_open(o->out, JSON_ARRAY);
	for (size_t i = 0; i < s->io.len; i++) {
		const struct cg_io *io = &s->io.at[i];
		const char *at = (const char *)io;

		io_entry(o->out, io, "Read", *(const uint64_t *)(const void *)(at + read));
		io_entry(o->out, io, "Write", *(const uint64_t *)(const void *)(at + written));
	}
	json_out_close(o->out, JSON_ARRAY);
}

static void block_io(struct outline *o, const struct cg_stats *s)
{
	io_list(o, s, "blkio.ioServiceBytesRecursive", offsetof(struct cg_io, rbytes),
		offsetof(struct cg_io, wbytes));
	io_list(o, s, "blkio.ioServicedRecursive", offsetof(struct cg_io, rios),
		offsetof(struct cg_io, wios));
	outline_pressure(o, "blkio.psi", &s->io_some, &s->io_full);
}

/* max is what was used at most, which cgroup v2 does not know of huge pages; left out as in runc. */
static void huge_pages(struct outline *o, const struct cg_stats *s)
{
	if (!s->huge.len) {
		outline_key(o, "hugetlb");
		json_out_open(o->out, JSON_OBJECT);
		json_out_close(o->out, JSON_OBJECT);
	}
	for (size_t i = 0; i < s->huge.len; i++) {
		const struct cg_huge *h = &s->huge.at[i];

		outline_number(o, arena_printf(o->arena, "hugetlb.%s.usage", h->size), h->usage);
		outline_number(o, arena_printf(o->arena, "hugetlb.%s.failcnt", h->size), h->hits);
	}
}

const char *measure_event(struct arena *a, const char *id, const struct cg_stats *s)
{
	struct outline o = { .arena = a, .out = json_out_new(a, JSON_COMPACT), .unknown = OUTLINE_RUNC };
	struct shown v = as_shown(s);

	json_out_open(o.out, JSON_OBJECT);
	json_out_key(o.out, "type");
	json_out_str(o.out, "stats");
	json_out_key(o.out, "id");
	json_out_str(o.out, id);
	json_out_key(o.out, "data");
	json_out_open(o.out, JSON_OBJECT);
	ROWS(&o, rows, &v);
	outline_pressure(&o, "cpu.psi", &s->cpu.some, &s->cpu.full);
	memory(&o, &v);
	ROWS(&o, pids_rows, &v);
	block_io(&o, s);
	huge_pages(&o, s);
	outline_end(&o);
	json_out_close(o.out, JSON_OBJECT);
	json_out_close(o.out, JSON_OBJECT);
	return arena_printf(a, "%s\n", json_out_text(o.out, NULL));
}
