/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the manner of the beancounters of OpenVZ: what is held, was held at most, may be held, and was refused. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "cmd/format.h"
#include "cmd/measure.h"
#include "cmd/outline.h"
#include "cmd/units.h"

typedef const char *(*show)(struct arena *a, uint64_t v);

struct limit {
	const char *resource, *key; /* what counts the consequences of a hit, in JSON; NULL: nothing */
	const char *what;	    /* they are, if not a time */
	show show;
	uint64_t held, peak, limit, hits, effect;
};
typedef LIST_OF(struct limit) limits;

/* Hundredths of a CPU, which is how much of one the quota is. */
static const char *show_cpus(struct arena *a, uint64_t v)
{
	return v >= CG_UNLIMITED ? units_show_hundredths(a, v)
				 : arena_printf(a, "%s CPU", units_show_hundredths(a, v));
}

static uint64_t cpu_limit(const struct cg_stats *s)
{
	if (s->cpu.quota >= CG_UNLIMITED || s->cpu.period >= CG_UNLIMITED || !s->cpu.period)
		return s->cpu.quota;
	return s->cpu.quota * 100 / s->cpu.period;
}

static const char *show_rate(struct arena *a, uint64_t v)
{
	return v >= CG_UNLIMITED ? units_show_count(a, v) : net_rate_text(a, v);
}

static struct limit rate_limit(const char *resource, uint64_t bits, const struct net_flow *f)
{
	return (struct limit){ .resource = resource, .key = "dropped", .what = "dropped", .show = show_rate, .held = CG_UNKNOWN, .peak = CG_UNKNOWN,
			       .limit = bits ? bits : CG_UNLIMITED, .hits = f->delayed, .effect = f->dropped };
}

static limits limits_of(struct arena *a, const struct measure *m)
{
	const struct cg_stats *s = &m->s;
	const uint64_t no = CG_UNKNOWN;
	const struct limit fixed[] = {
		{ "memory", "oom_kills", "killed", units_show_size, s->memory.usage, s->memory.peak, s->memory.limit,
		  s->memory.max_hits, s->memory.oom_kill },
		{ "memory.high", NULL, NULL, units_show_size, s->memory.usage, s->memory.peak, s->memory.high,
		  s->memory.high_hits, no },
		{ "swap", NULL, NULL, units_show_size, s->memory.swap, s->memory.swap_peak, s->memory.swap_limit,
		  s->memory.swap_hits, no },
		{ "pids", NULL, NULL, units_show_count, s->pids.current, s->pids.peak, s->pids.limit, s->pids.hits,
		  no },
		{ "cpu", "throttled_usec", NULL, show_cpus, no, no, cpu_limit(s), s->cpu.throttled,
		  s->cpu.throttled_time },
	};
	enum { FIXED = sizeof(fixed) / sizeof(fixed[0]) };
	limits l = { arena_array(a, FIXED + 2 + s->huge.len, sizeof(*l.at)), FIXED };

	memcpy(l.at, fixed, sizeof(fixed));
	if (m->flows_known) {
		l.at[l.len++] = rate_limit("bandwidth.in", m->flows.limits.in, &m->flows.in);
		l.at[l.len++] = rate_limit("bandwidth.out", m->flows.limits.out, &m->flows.out);
	}
	for (size_t i = 0; i < s->huge.len; i++) {
		const struct cg_huge *h = &s->huge.at[i];

		l.at[l.len++] = (struct limit){ arena_printf(a, "hugetlb.%s", h->size), NULL, NULL, units_show_size, h->usage, no, h->limit, h->hits, no };
	}
	return l;
}

/* Without the controller there is nothing to tell.  Killed without a limit of its own: one above it was hit. */
static bool matters(const struct limit *l, bool all)
{
	if (l->limit == CG_UNKNOWN)
		return false;
	return all || l->limit != CG_UNLIMITED ||
	       (!strcmp(l->resource, "memory") && l->effect && l->effect != CG_UNKNOWN);
}

static const char *hits(struct arena *a, const struct limit *l)
{
	const char *n = units_show_count(a, l->hits);

	if (!l->key || !l->effect || l->effect == CG_UNKNOWN)
		return n;
	if (!l->what)
		return arena_printf(a, "%s (%s)", n, units_show_time(a, l->effect));
	return arena_printf(a, "%s (%" PRIu64 " %s)", n, l->effect, l->what);
}

const char *measure_limits_table(struct arena *a, const measures *now, bool all)
{
	struct table t = { .arena = a, .columns = 6 };

	table_add(&t, (const char *[]){ "ID", "RESOURCE", "HELD", "PEAK", "LIMIT", "HITS" });
	for (size_t i = 0; i < now->len; i++) {
		limits l = limits_of(a, &now->at[i]);

		for (const struct limit *x = l.at; x < l.at + l.len; x++)
			if (matters(x, all))
				table_add(&t, (const char *[]){ now->at[i].id, x->resource,
								x->show(a, x->held), x->show(a, x->peak),
								x->show(a, x->limit), hits(a, x) });
	}
	return table_text(&t);
}

static void limit_json(struct outline *o, const struct limit *l)
{
	json_out_open(o->out, JSON_OBJECT);
	json_out_key(o->out, "resource");
	json_out_str(o->out, l->resource);
	outline_number(o, "held", l->held);
	outline_number(o, "peak", l->peak);
	outline_number(o, l->show == show_cpus ? "limit_percent" : l->show == show_rate ? "limit_bit" : "limit", l->limit);
	outline_number(o, "hits", l->hits);
	if (l->key)
		outline_number(o, l->key, l->effect);
	json_out_close(o->out, JSON_OBJECT);
}

const char *measure_limits_json(struct arena *a, const measures *now, bool all)
{
	struct outline o = { .arena = a, .out = json_out_new(a, JSON_PRETTY), .unknown = OUTLINE_KIST };

	json_out_open(o.out, JSON_ARRAY);
	for (size_t i = 0; i < now->len; i++) {
		limits l = limits_of(a, &now->at[i]);

		json_out_open(o.out, JSON_OBJECT);
		json_out_key(o.out, "id");
		json_out_str(o.out, now->at[i].id);
		json_out_key(o.out, "limits");
		json_out_open(o.out, JSON_ARRAY);
		for (const struct limit *x = l.at; x < l.at + l.len; x++)
			if (matters(x, all))
				limit_json(&o, x);
		json_out_close(o.out, JSON_ARRAY);
		json_out_close(o.out, JSON_OBJECT);
	}
	json_out_close(o.out, JSON_ARRAY);
	return json_out_text(o.out, NULL);
}
