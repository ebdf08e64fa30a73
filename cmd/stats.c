/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd/format.h"
#include "cmd/measure.h"
#include "cmd/verbs.h"

struct stats {
	int format;
	uint32_t interval;
	bool no_stream, limits, all;
};

static const struct opt rows[] = {
	O_WORD(struct stats, format, 'f', "format", "FORMAT", format_words, "what to print"),
	O_FLAG(struct stats, limits, 'l', "limits",
	       "what is held, was held at most, may be held, and was refused"),
	O_FLAG(struct stats, all, 'a', "all", "with --limits, also what is unlimited"),
	O_TIME(struct stats, interval, "interval", "how long to measure (default: 1s)"),
	O_FLAG(struct stats, no_stream, 0, "no-stream", "print one table also on a terminal"),
};

enum { DEFAULT_INTERVAL = 1000 };

/* Everything of one moment, in memory of its own: the table may run for months. */
struct round {
	struct arena arena;
	measures l;
};

static void round_done(struct round *r)
{
	arena_done(&r->arena);
	*r = (struct round){ 0 };
}
#define auto_round __attribute__((cleanup(round_done))) struct round

static uint64_t now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* A stopped container uses nothing, but its cgroup remembers what it was refused until it is deleted. */
static int measure_one(const struct call *c, const struct oci_state *s, struct round *r, struct err *e)
{
	const struct stats *o = c->opts;
	struct measure m = { .id = s->id, .at = now_usec() };
	struct ct_ctx ctx = c->ctx;
	int rc;

	ctx.arena = &r->arena;
	if (!o->limits && !strcmp(s->status, "stopped"))
		return err_set(e, ESRCH, "cannot measure container %s: container not running", s->id);
	rc = ct_stats(&ctx, s->id, &m.s, e);
	if (rc < 0)
		return rc;
	m.net_known = !o->limits && ct_network(&ctx, s->id, &m.net, NULL) == 0;
	m.flows_known = strcmp(s->status, "stopped") != 0 && ct_bandwidth(&ctx, s->id, &m.flows, NULL) == 0;
	r->l.at[r->l.len++] = m;
	return rc;
}

static int measure_named(const struct call *c, const char *id, struct round *r, struct err *e)
{
	struct ct_ctx ctx = c->ctx;
	struct oci_state s;
	int rc;

	ctx.arena = &r->arena;
	rc = ct_state(&ctx, id, &s, e);
	return rc < 0 ? rc : measure_one(c, &s, r, e);
}

/* The containers that were named, or all.  One that cannot be measured is passed over, but not the first time
 * that it is named. */
static int measure_all(const struct call *c, bool first, struct round *r, struct err *e)
{
	struct ct_ctx ctx = c->ctx;
	ct_states states = { 0 };
	int rc = 0;

	ctx.arena = &r->arena;
	if (!c->args.n)
		rc = ct_list(&ctx, &states, e);
	r->l.at = arena_array(&r->arena, states.len + (size_t)c->args.n, sizeof(*r->l.at));
	for (size_t i = 0; i < states.len; i++)
		(void)measure_one(c, &states.at[i], r, NULL);
	for (int i = 0; i < c->args.n && rc >= 0; i++) {
		rc = measure_named(c, c->args.at[i], r, first ? e : NULL);
		rc = first ? rc : 0;
	}
	return rc;
}

static void rest(uint32_t ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* Over the last table, each line as long as the terminal is wide: a wrapped one would push it up the screen. */
static const char *as_screen(struct arena *a, const char *table)
{
	struct winsize size = { 0 };
	struct text t = { .arena = a };
	unsigned row = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 20 || size.ws_row < 3)
		size = (struct winsize){ .ws_col = 200, .ws_row = 1000 };
	text_add(&t, "\x1b[H");
	for (const char *end; (end = strchr(table, '\n')) && ++row < size.ws_row; table = end + 1) {
		size_t n = (size_t)(end - table);

		text_addn(&t, table, n < size.ws_col ? n : size.ws_col - 1U);
		text_add(&t, "\x1b[K\n");
	}
	text_add(&t, "\x1b[J");
	return text_str(&t);
}

/* Until the last of the named containers is gone, or for ever. */
static int stream(struct call *c, struct round *before, uint32_t interval, struct err *e)
{
	int r = verb_print("\x1b[2J", e);

	r = r < 0 ? r
		  : verb_print(as_screen(&before->arena, measure_table(&before->arena, &before->l, NULL)), e);
	while (r >= 0 && (before->l.len || !c->args.n)) {
		struct round now = { 0 };

		rest(interval);
		r = measure_all(c, false, &now, e);
		if (r >= 0)
			r = verb_print(as_screen(&now.arena, measure_table(&now.arena, &now.l, &before->l)),
				       e);
		round_done(before);
		*before = now;
	}
	return r;
}

static int once(struct call *c, struct round *first, uint32_t interval, struct err *e)
{
	const struct stats *o = c->opts;
	struct arena *a = c->ctx.arena;
	auto_round second = { 0 };
	int r;

	if (o->limits)
		return verb_print(o->format == FORMAT_JSON ? measure_limits_json(a, &first->l, o->all)
							   : measure_limits_table(a, &first->l, o->all),
				  e);
	if (o->format == FORMAT_JSON)
		return verb_print(measure_json(a, &first->l), e);
	rest(interval);
	r = measure_all(c, false, &second, e);
	return r < 0 ? r : verb_print(measure_table(a, &second.l, &first->l), e);
}

static int run(struct call *c, struct err *e)
{
	const struct stats *o = c->opts;
	uint32_t interval = o->interval ? o->interval : DEFAULT_INTERVAL;
	auto_round first = { 0 };
	int r;

	if (o->all && !o->limits)
		return err_set(e, EINVAL, "stats: --all belongs to --limits");
	r = measure_all(c, true, &first, e);
	if (r < 0)
		return r;
	if (o->limits || o->no_stream || o->format == FORMAT_JSON || !isatty(STDOUT_FILENO))
		return once(c, &first, interval, e);
	return stream(c, &first, interval, e);
}

const struct verb verb_stats = {
	.name = "stats",
	.summary = "show what containers use, and which limits they hit",
	.detail = "A table of the containers that are named, or of all: CPU time in percent of one "
		  "CPU, memory with its limit, its peak and its two main parts, processes and threads, "
		  "bytes read from and written to block devices, bytes received and sent by the "
		  "interfaces of its network (not when it uses the host's) with the bandwidth that each of them may use, and "
		  "for how much of the last ten seconds something had to wait for CPU, memory and I/O, in percent. On a terminal "
		  "it is refreshed at every interval; otherwise one table is printed, after one interval. "
		  "A dash is what the kernel does not tell, because a controller of cgroup v2 is "
		  "missing; max is unlimited.\n\n"
		  "With --limits, a line for each resource that the kernel counts and that is limited "
		  "(memory, swap, pids, CPU, huge pages, bandwidth; not I/O): HELD now, the PEAK, the LIMIT, and HITS: how often the limit was in the way. Behind it stand the processes "
		  "that the kernel killed for it, the time that the CPU was withheld, or the packets that were dropped. A stopped "
		  "container is there too until it is deleted.\n\n"
		  "JSON has exact numbers: bytes, and microseconds where a name ends in _usec. What is "
		  "not known is left out, what is unlimited is null.",
	.operands = { { "[ID...]", COMPLETE_CONTAINER } },
	.examples = {
		{ "kist stats", "A table of all containers, until Ctrl-C." },
		{ "kist stats --limits dns1", "Which limit dns1 has hit, and how often." },
		{ "kist stats --format json | jq '.[] | {id, memory}'", "For a program." },
	},
	OPTS(struct stats, rows),
	.run = run,
};
