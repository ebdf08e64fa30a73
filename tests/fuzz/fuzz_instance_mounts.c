/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of --volume, --mount and --tmpfs, one per line, by the line's first letter; and the text of /etc/subuid.  What
 * is accepted has a clean place inside, a clean source, and every word is one that the engine knows.
 */
#include "base/path.h"
#include "base/text.h"
#include "fuzz.h"
#include "instances/ids.h"
#include "instances/mounts.h"
#include "namespaces/options.h"

enum { LINES = 64 };

static void check(struct arena *a, const struct inst_mount *m)
{
	struct mnt_options o;

	if (*m->target != '/' || !m->target[1] || !path_is_clean(m->target))
		abort();
	if (m->kind == INST_BIND && (*m->source != '/' || !path_is_clean(m->source)))
		abort();
	if (m->kind == INST_VOLUME && (strchr(m->source, '/') || *m->source == '.'))
		abort();
	if (mnt_options_parse(a, &m->options, &o, NULL) < 0 && m->kind != INST_TMPFS)
		abort();
	if (m->kind != INST_TMPFS && o.data.len)
		abort();
}

static void pool(struct arena *a, const char *text)
{
	struct inst_pool p;

	if (inst_ids_pool(a, text, text, &p, NULL) == 0 &&
	    (!p.start || !p.count || p.count % INST_IDS || p.start > UINT32_MAX - p.count))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	char *text = arena_strndup(&a, (const char *)data, len), *line;
	const char *at[3][LINES];
	struct inst_options o = { .volumes = { at[0], 0 }, .mounts = { at[1], 0 }, .tmpfs = { at[2], 0 } };
	strings *lists[] = { &o.volumes, &o.mounts, &o.tmpfs };
	inst_mounts l;

	pool(&a, text);
	while ((line = strsep(&text, "\n"))) {
		int k = *line == 'v' ? 0 : *line == 'm' ? 1 : *line == 't' ? 2 : -1;

		if (k >= 0 && lists[k]->len < LINES)
			at[k][lists[k]->len++] = line + 1;
	}
	if (inst_mounts_parse(&a, &o, "/here", &l, NULL) == 0)
		for (size_t i = 0; i < l.len; i++)
			check(&a, &l.at[i]);
	return 0;
}
