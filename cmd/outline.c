/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/outline.h"

#include <assert.h>
#include <string.h>

static void close_to(struct outline *o, size_t depth)
{
	for (; o->depth > depth; o->depth--)
		json_out_close(o->out, JSON_OBJECT);
}

void outline_end(struct outline *o)
{
	close_to(o, 0);
}

void outline_key(struct outline *o, const char *path)
{
	size_t depth = 0;
	const char *dot;

	for (; (dot = strchr(path, '.')); path = dot + 1, depth++) {
		const char *word = arena_strndup(o->arena, path, (size_t)(dot - path));

		if (depth < o->depth && !strcmp(o->open[depth], word))
			continue;
		close_to(o, depth);
		assert(depth < sizeof(o->open) / sizeof(o->open[0]));
		json_out_key(o->out, word);
		json_out_open(o->out, JSON_OBJECT);
		o->open[o->depth++] = word;
	}
	close_to(o, depth);
	json_out_key(o->out, path);
}

void outline_number(struct outline *o, const char *path, uint64_t v)
{
	if (v == CG_UNKNOWN && o->unknown == OUTLINE_KIST)
		return;
	outline_key(o, path);
	if (v == CG_UNLIMITED && o->unknown == OUTLINE_KIST)
		json_out_null(o->out);
	else
		json_out_u64(o->out, v == CG_UNKNOWN ? 0 : v == CG_UNLIMITED ? UINT64_MAX : v);
}

void outline_rows(struct outline *o, const struct outline_row *rows, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t v = *(const uint64_t *)(const void *)((const char *)from + rows[i].offset);

		outline_number(o, rows[i].path, v == CG_UNKNOWN || v == CG_UNLIMITED ? v : v * rows[i].times);
	}
}

static void pressure(struct outline *o, const char *path, const struct cg_pressure *p)
{
	const struct {
		const char *name;
		uint64_t v;
	} averages[] = { { "avg10", p->avg10 }, { "avg60", p->avg60 }, { "avg300", p->avg300 } };

	if (p->total == CG_UNKNOWN)
		return;
	for (size_t i = 0; i < 3; i++) {
		uint64_t v = averages[i].v;

		outline_key(o, arena_printf(o->arena, "%s.%s", path, averages[i].name));
		json_out_digits(o->out, v % 100 ? arena_printf(o->arena, "%u.%02u", (unsigned)(v / 100),
							       (unsigned)(v % 100))
						: arena_printf(o->arena, "%u", (unsigned)(v / 100)));
	}
	outline_number(o, arena_printf(o->arena, "%s.total", path), p->total);
}

void outline_pressure(struct outline *o, const char *path, const struct cg_pressure *some,
		      const struct cg_pressure *full)
{
	pressure(o, arena_printf(o->arena, "%s.some", path), some);
	pressure(o, arena_printf(o->arena, "%s.full", path), full);
}
