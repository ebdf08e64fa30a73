/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of mount options, one per line: what is decoded is something that mount_setattr(2) could take. */
#include "base/sys.h"
#include "fuzz.h"
#include "namespaces/options.h"

enum { WORDS = 256 };

static void possible(uint64_t set, uint64_t clear)
{
	/* Set and cleared at once is only the field of times, and that is then cleared whole. */
	if (set & clear & ~(uint64_t)MOUNT_ATTR__ATIME)
		abort();
	if (clear & MOUNT_ATTR__ATIME && (clear & MOUNT_ATTR__ATIME) != MOUNT_ATTR__ATIME)
		abort();
	if (set & MOUNT_ATTR__ATIME && !(clear & MOUNT_ATTR__ATIME))
		abort();
}

static void check(const struct mnt_options *o, size_t words)
{
	uint64_t p = o->propagation;

	possible(o->set, o->clear);
	possible(o->rec_set, o->rec_clear);
	if (p & (p - 1) || p & ~(uint64_t)(MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE))
		abort();
	if ((o->recursive && !o->bind) || (o->rec_idmap && !o->idmap) || o->data.len > words)
		abort();
	for (size_t i = 0; i < o->data.len; i++)
		if (!*o->data.at[i] || *o->data.at[i] == '=')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	char *text = arena_strndup(&a, (const char *)data, len), *line;
	const char *at[WORDS];
	strings words = { at, 0 };
	struct mnt_options o;
	struct err e;

	while ((line = strsep(&text, "\n")) && words.len < WORDS)
		at[words.len++] = line;
	if (mnt_options_parse(&a, &words, &o, &e) == 0)
		check(&o, words.len);
	else if (!memchr(e.msg, 0, sizeof(e.msg)) || strncmp(e.msg, ".options[", 9))
		abort();
	return 0;
}
