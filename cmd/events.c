/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <time.h>

#include "cmd/measure.h"
#include "cmd/verbs.h"

struct events {
	bool stats;
	uint32_t interval;
};

static const struct opt rows[] = {
	O_FLAG(struct events, stats, 0, "stats", "print the statistics once and end"),
	O_TIME(struct events, interval, "interval", "how long to wait between two (default: 5s)"),
};

enum { DEFAULT_INTERVAL = 5000 };

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* With memory of its own: the verb may run for months. */
static int print_stats(const struct call *c, struct err *e)
{
	auto_arena a = { 0 };
	struct ct_ctx ctx = c->ctx;
	struct cg_stats s;
	int r;

	ctx.arena = &a;
	r = ct_stats(&ctx, c->args.at[0], &s, e);
	return r < 0 ? r : verb_print(measure_event(&a, c->args.at[0], &s), e);
}

static int print_oom(const struct call *c, struct err *e)
{
	auto_arena a = { 0 };
	struct json_out *w = json_out_new(&a, JSON_COMPACT);

	json_out_open(w, JSON_OBJECT);
	json_out_key(w, "type");
	json_out_str(w, "oom");
	json_out_key(w, "id");
	json_out_str(w, c->args.at[0]);
	json_out_close(w, JSON_OBJECT);
	return verb_print(arena_printf(&a, "%s\n", json_out_text(w, NULL)), e);
}

/* A container that was deleted meanwhile has ended, like one that has stopped. */
static int stream(const struct call *c, struct ct_watch *w, uint32_t interval, struct err *e)
{
	uint64_t next = now_ms();

	for (;;) {
		uint64_t now = now_ms();
		int r;

		if (now >= next) {
			r = print_stats(c, e);
			if (r < 0)
				return r == -ENOENT ? 0 : r;
			next += interval;
			next = next > now ? next : now + interval;
		}
		r = ct_wait_event(w, next - now > INT32_MAX ? INT32_MAX : (int)(next - now), e);
		if (r == CT_EVENT_OOM)
			r = print_oom(c, e);
		if (r < 0 || r == CT_EVENT_END)
			return r < 0 ? r : 0;
	}
}

static int run(struct call *c, struct err *e)
{
	const struct events *o = c->opts;
	auto_watch w = { -1, -1, 0 };
	int r = ct_watch(&c->ctx, c->args.at[0], &w, e);

	if (r < 0)
		return r;
	return o->stats ? print_stats(c, e) : stream(c, &w, o->interval ? o->interval : DEFAULT_INTERVAL, e);
}

const struct verb verb_events = {
	.name = "events",
	.summary = "print statistics and out-of-memory kills of a container as JSON",
	.detail = "Prints one JSON document per line, as runc does: {\"type\": \"stats\", \"id\": ..., "
		  "\"data\": ...} at once and then at every interval, and {\"type\": \"oom\", \"id\": "
		  "...} when the kernel has killed a process of the container for want of memory. Ends "
		  "when the container ends.\n\n"
		  "Times are nanoseconds, sizes bytes, psi.*.avg* percent and psi.*.total "
		  "microseconds. What the kernel does not tell is 0; no memory limit is "
		  "18446744073709551615, no limit of pids 0. \"kist stats\" is the form for people.",
	.operands = { { "ID", COMPLETE_CONTAINER } },
	.examples = { { "kist events --stats dns1 | jq .data.memory.usage", "How much memory it uses now." },
		      { "kist events --interval 1m dns1 >>dns1.log", "A record of its whole life." } },
	OPTS(struct events, rows),
	.run = run,
};
