/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>

#include "cmd/format.h"
#include "cmd/measure.h"
#include "cmd/outline.h"
#include "cmd/units.h"

static const struct measure *find(const measures *l, const char *id)
{
	for (size_t i = 0; l && i < l->len; i++)
		if (!strcmp(l->at[i].id, id))
			return &l->at[i];
	return NULL;
}

/* Of one CPU, so that two busy ones are 200 %. */
static const char *cpu_share(struct arena *a, const struct measure *now, const struct measure *before)
{
	uint64_t was = before ? before->s.cpu.usage : CG_UNKNOWN, is = now->s.cpu.usage;

	if (was >= CG_UNLIMITED || is >= CG_UNLIMITED || is < was || now->at <= before->at)
		return "-";
	return units_show_hundredths(a, (is - was) * 10000 / (now->at - before->at));
}

static const char *io_sum(struct arena *a, const struct cg_stats *s, bool written)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->io.len; i++)
		sum += written ? s->io.at[i].wbytes : s->io.at[i].rbytes;
	return units_show_size(a, s->io_known ? sum : CG_UNKNOWN);
}

static const char *net_sum(struct arena *a, const struct measure *m, bool sent)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->net.len; i++)
		sum += sent ? m->net.at[i].tx_bytes : m->net.at[i].rx_bytes;
	return units_show_size(a, m->net_known ? sum : CG_UNKNOWN);
}

static const char *net_limit(struct arena *a, const struct measure *m, uint64_t bits)
{
	if (m->flows_known && bits)
		return net_rate_text(a, bits);
	return units_show_size(a, m->net_known ? CG_UNLIMITED : CG_UNKNOWN);
}

static const char *pressures(struct arena *a, const struct cg_stats *s)
{
	const uint64_t of[] = { s->cpu.some.avg10, s->memory.some.avg10, s->io_some.avg10 };
	struct text t = { .arena = a };

	for (size_t i = 0; i < 3; i++)
		text_add(&t, "%s%s", i ? "/" : "", units_show_hundredths(a, of[i]));
	return strcmp(text_str(&t), "-/-/-") ? text_str(&t) : "-";
}

const char *measure_table(struct arena *a, const measures *now, const measures *before)
{
	struct table t = { .arena = a, .columns = 15 };

	table_add(&t, (const char *[]){ "ID", "CPU %", "MEMORY", "LIMIT", "PEAK", "ANON", "FILE", "PIDS",
					"READ", "WRITTEN", "NET IN", "LIMIT IN", "NET OUT", "LIMIT OUT", "PRESSURE C/M/I" });
	for (size_t i = 0; i < now->len; i++) {
		const struct measure *m = &now->at[i];
		const struct cg_stats *s = &m->s;

		table_add(&t, (const char *[]){
				      m->id,
				      cpu_share(a, m, find(before, m->id)),
				      units_show_size(a, s->memory.usage),
				      units_show_size(a, s->memory.limit),
				      units_show_size(a, s->memory.peak),
				      units_show_size(a, s->memory.anon),
				      units_show_size(a, s->memory.file),
				      units_show_count(a, s->pids.current),
				      io_sum(a, s, false),
				      io_sum(a, s, true),
				      net_sum(a, m, false),
				      net_limit(a, m, m->flows.limits.in),
				      net_sum(a, m, true),
				      net_limit(a, m, m->flows.limits.out),
				      pressures(a, s),
			      });
	}
	return table_text(&t);
}

/* The names are those of the kernel's files, without their dots. */
#define AT(member) offsetof(struct cg_stats, member)
static const struct outline_row cpu_rows[] = {
	{ "cpu.usage_usec", AT(cpu.usage), 1 },
	{ "cpu.user_usec", AT(cpu.user), 1 },
	{ "cpu.system_usec", AT(cpu.system), 1 },
	{ "cpu.quota_usec", AT(cpu.quota), 1 },
	{ "cpu.period_usec", AT(cpu.period), 1 },
	{ "cpu.weight", AT(cpu.weight), 1 },
	{ "cpu.nr_periods", AT(cpu.periods), 1 },
	{ "cpu.nr_throttled", AT(cpu.throttled), 1 },
	{ "cpu.throttled_usec", AT(cpu.throttled_time), 1 },
};
static const struct outline_row memory_rows[] = {
	{ "memory.current", AT(memory.usage), 1 },
	{ "memory.peak", AT(memory.peak), 1 },
	{ "memory.max", AT(memory.limit), 1 },
	{ "memory.high", AT(memory.high), 1 },
	{ "memory.low", AT(memory.low), 1 },
	{ "memory.anon", AT(memory.anon), 1 },
	{ "memory.file", AT(memory.file), 1 },
	{ "memory.kernel", AT(memory.kernel), 1 },
	{ "memory.slab", AT(memory.slab), 1 },
	{ "memory.shmem", AT(memory.shmem), 1 },
	{ "memory.inactive_file", AT(memory.inactive_file), 1 },
	{ "memory.swap.current", AT(memory.swap), 1 },
	{ "memory.swap.peak", AT(memory.swap_peak), 1 },
	{ "memory.swap.max", AT(memory.swap_limit), 1 },
	{ "memory.events.low", AT(memory.low_hits), 1 },
	{ "memory.events.high", AT(memory.high_hits), 1 },
	{ "memory.events.max", AT(memory.max_hits), 1 },
	{ "memory.events.oom", AT(memory.oom), 1 },
	{ "memory.events.oom_kill", AT(memory.oom_kill), 1 },
};
static const struct outline_row pids_rows[] = {
	{ "pids.current", AT(pids.current), 1 },
	{ "pids.peak", AT(pids.peak), 1 },
	{ "pids.max", AT(pids.limit), 1 },
	{ "pids.events.max", AT(pids.hits), 1 },
};
#define ROWS(o, rows, from) outline_rows(o, rows, sizeof(rows) / sizeof((rows)[0]), from)

/* An object of a list; `name` may be NULL. */
static void element(const struct outline *o, const char *name, const struct outline_row *rows, size_t n,
		    const void *from)
{
	struct outline each = { .arena = o->arena, .out = o->out, .unknown = o->unknown };

	json_out_open(o->out, JSON_OBJECT);
	if (name) {
		json_out_key(o->out, "name");
		json_out_str(o->out, name);
	}
	outline_rows(&each, rows, n, from);
	json_out_close(o->out, JSON_OBJECT);
}

static void devices(struct outline *o, const struct cg_stats *s)
{
	static const struct outline_row rows[] = {
		{ "major", offsetof(struct cg_io, major), 1 },
		{ "minor", offsetof(struct cg_io, minor), 1 },
		{ "rbytes", offsetof(struct cg_io, rbytes), 1 },
		{ "wbytes", offsetof(struct cg_io, wbytes), 1 },
		{ "rios", offsetof(struct cg_io, rios), 1 },
		{ "wios", offsetof(struct cg_io, wios), 1 },
	};

	if (!s->io_known)
		return;
	outline_key(o, "io.devices");
	json_out_open(o->out, JSON_ARRAY);
	for (size_t i = 0; i < s->io.len; i++)
		element(o, NULL, rows, sizeof(rows) / sizeof(rows[0]), &s->io.at[i]);
	json_out_close(o->out, JSON_ARRAY);
}

static void interfaces(struct outline *o, const struct measure *m)
{
	static const struct outline_row rows[] = {
		{ "rx_bytes", offsetof(struct net_interface, rx_bytes), 1 },
		{ "rx_packets", offsetof(struct net_interface, rx_packets), 1 },
		{ "rx_errors", offsetof(struct net_interface, rx_errors), 1 },
		{ "rx_dropped", offsetof(struct net_interface, rx_dropped), 1 },
		{ "tx_bytes", offsetof(struct net_interface, tx_bytes), 1 },
		{ "tx_packets", offsetof(struct net_interface, tx_packets), 1 },
		{ "tx_errors", offsetof(struct net_interface, tx_errors), 1 },
		{ "tx_dropped", offsetof(struct net_interface, tx_dropped), 1 },
	};

	if (!m->net_known)
		return;
	outline_key(o, "network.interfaces");
	json_out_open(o->out, JSON_ARRAY);
	for (size_t i = 0; i < m->net.len; i++)
		element(o, m->net.at[i].name, rows, sizeof(rows) / sizeof(rows[0]), &m->net.at[i]);
	json_out_close(o->out, JSON_ARRAY);
}

static void direction(struct outline *o, const char *key, uint64_t limit, const struct net_flow *f)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = { { "limit_bit", limit ? limit : CG_UNLIMITED }, { "bytes", f->bytes }, { "packets", f->packets },
		     { "delayed", f->delayed }, { "dropped", f->dropped } };

	/* Nobody counts what nothing limits. */
	for (size_t i = 0; i < (limit ? sizeof(rows) / sizeof(rows[0]) : 1); i++)
		outline_number(o, arena_printf(o->arena, "network.bandwidth.%s.%s", key, rows[i].name), rows[i].value);
}

static void bandwidth(struct outline *o, const struct measure *m)
{
	if (!m->flows_known)
		return;
	direction(o, "in", m->flows.limits.in, &m->flows.in);
	direction(o, "out", m->flows.limits.out, &m->flows.out);
}

static void one(struct arena *a, struct json_out *w, const struct measure *m)
{
	struct outline o = { .arena = a, .out = w, .unknown = OUTLINE_KIST };
	const struct cg_stats *s = &m->s;

	json_out_open(w, JSON_OBJECT);
	json_out_key(w, "id");
	json_out_str(w, m->id);
	ROWS(&o, cpu_rows, s);
	outline_pressure(&o, "cpu.pressure", &s->cpu.some, &s->cpu.full);
	ROWS(&o, memory_rows, s);
	outline_pressure(&o, "memory.pressure", &s->memory.some, &s->memory.full);
	ROWS(&o, pids_rows, s);
	devices(&o, s);
	outline_pressure(&o, "io.pressure", &s->io_some, &s->io_full);
	interfaces(&o, m);
	bandwidth(&o, m);
	for (size_t i = 0; i < s->huge.len; i++) {
		const struct cg_huge *h = &s->huge.at[i];

		outline_number(&o, arena_printf(a, "hugetlb.%s.current", h->size), h->usage);
		outline_number(&o, arena_printf(a, "hugetlb.%s.max", h->size), h->limit);
		outline_number(&o, arena_printf(a, "hugetlb.%s.events.max", h->size), h->hits);
	}
	outline_end(&o);
	json_out_close(w, JSON_OBJECT);
}

const char *measure_json(struct arena *a, const measures *now)
{
	struct json_out *w = json_out_new(a, JSON_PRETTY);

	json_out_open(w, JSON_ARRAY);
	for (size_t i = 0; i < now->len; i++)
		one(a, w, &now->at[i]);
	json_out_close(w, JSON_ARRAY);
	return json_out_text(w, NULL);
}
