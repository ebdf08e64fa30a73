/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namespaces/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"

enum role { ATTR, REC_ATTR, PROPAGATION, REC_PROPAGATION, BIND, RBIND, REMOUNT, IDMAP, RIDMAP, COPY_UP, SUPER, IGNORED };

static const struct option {
	const char *word;
	enum role role;
	uint64_t set, clear;
} options[] = {
	/* Times are one field of three values, so each word clears the field first (mount_setattr(2)). */
#define TIME(value) value, MOUNT_ATTR__ATIME
#define PAIRS(prefix, k)                                              \
	{ prefix "atime", k, TIME(MOUNT_ATTR_RELATIME) },             \
	{ prefix "dev", k, 0, MOUNT_ATTR_NODEV },                     \
	{ prefix "diratime", k, 0, MOUNT_ATTR_NODIRATIME },           \
	{ prefix "exec", k, 0, MOUNT_ATTR_NOEXEC },                   \
	{ prefix "noatime", k, TIME(MOUNT_ATTR_NOATIME) },            \
	{ prefix "nodev", k, MOUNT_ATTR_NODEV, 0 },                   \
	{ prefix "nodiratime", k, MOUNT_ATTR_NODIRATIME, 0 },         \
	{ prefix "noexec", k, MOUNT_ATTR_NOEXEC, 0 },                 \
	{ prefix "norelatime", k, TIME(MOUNT_ATTR_STRICTATIME) },     \
	{ prefix "nostrictatime", k, TIME(MOUNT_ATTR_RELATIME) },     \
	{ prefix "nosuid", k, MOUNT_ATTR_NOSUID, 0 },                 \
	{ prefix "nosymfollow", k, MOUNT_ATTR_NOSYMFOLLOW, 0 },       \
	{ prefix "relatime", k, TIME(MOUNT_ATTR_RELATIME) },          \
	{ prefix "ro", k, MOUNT_ATTR_RDONLY, 0 },                     \
	{ prefix "rw", k, 0, MOUNT_ATTR_RDONLY },                     \
	{ prefix "strictatime", k, TIME(MOUNT_ATTR_STRICTATIME) },    \
	{ prefix "suid", k, 0, MOUNT_ATTR_NOSUID },                   \
	{ prefix "symfollow", k, 0, MOUNT_ATTR_NOSYMFOLLOW }
	PAIRS("", ATTR),
	PAIRS("r", REC_ATTR),
	{ "private", PROPAGATION, MS_PRIVATE, 0 },
	{ "rprivate", REC_PROPAGATION, MS_PRIVATE, 0 },
	{ "shared", PROPAGATION, MS_SHARED, 0 },
	{ "rshared", REC_PROPAGATION, MS_SHARED, 0 },
	{ "slave", PROPAGATION, MS_SLAVE, 0 },
	{ "rslave", REC_PROPAGATION, MS_SLAVE, 0 },
	{ "unbindable", PROPAGATION, MS_UNBINDABLE, 0 },
	{ "runbindable", REC_PROPAGATION, MS_UNBINDABLE, 0 },
	{ "bind", BIND, 0, 0 },
	{ "rbind", RBIND, 0, 0 },
	{ "remount", REMOUNT, 0, 0 },
	{ "idmap", IDMAP, 0, 0 },
	{ "ridmap", RIDMAP, 0, 0 },
	{ "tmpcopyup", COPY_UP, 0, 0 },
	/* Words of the superblock: fsconfig(2) takes them as flags. */
	{ "async", SUPER, 0, 0 },
	{ "dirsync", SUPER, 0, 0 },
	{ "lazytime", SUPER, 0, 0 },
	{ "mand", SUPER, 0, 0 },
	{ "nolazytime", SUPER, 0, 0 },
	{ "nomand", SUPER, 0, 0 },
	{ "sync", SUPER, 0, 0 },
	/* Of mount(8) or of kernels long gone: no effect today. */
	{ "acl", IGNORED, 0, 0 },
	{ "defaults", IGNORED, 0, 0 },
	{ "iversion", IGNORED, 0, 0 },
	{ "loud", IGNORED, 0, 0 },
	{ "noacl", IGNORED, 0, 0 },
	{ "noiversion", IGNORED, 0, 0 },
	{ "silent", IGNORED, 0, 0 },
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static const struct option *find(const char *word)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (!strcmp(options[i].word, word))
			return &options[i];
	return NULL;
}

static void attr(uint64_t *set, uint64_t *clear, const struct option *o)
{
	*set = (*set & ~(o->clear | o->set)) | o->set;
	*clear = (*clear & ~o->set) | o->clear;
}

static void add_data(struct mnt_options *m, const char *word)
{
	((const char **)m->data.at)[m->data.len++] = word;
}

static void apply(struct mnt_options *m, const struct option *o)
{
	switch (o->role) {
	case ATTR: attr(&m->set, &m->clear, o); break;
	case REC_ATTR: attr(&m->rec_set, &m->rec_clear, o); break;
	case PROPAGATION: m->propagation = o->set; m->rec_propagation = false; break;
	case REC_PROPAGATION: m->propagation = o->set; m->rec_propagation = true; break;
	case BIND: m->bind = true; break;
	case RBIND: m->bind = m->recursive = true; break;
	case REMOUNT: m->remount = true; break;
	case IDMAP: m->idmap = true; break;
	case RIDMAP: m->idmap = m->rec_idmap = true; break;
	case COPY_UP: m->copy_up = true; break;
	case SUPER: add_data(m, o->word); break;
	case IGNORED: break;
	}
}

int mnt_options_parse(struct arena *a, const strings *words, struct mnt_options *out, struct err *e)
{
	struct mnt_options m = { 0 };

	m.data.at = arena_array(a, words->len, sizeof(*m.data.at));
	for (size_t i = 0; i < words->len; i++) {
		const struct option *o = find(words->at[i]);
		const char *value = strchr(words->at[i], '=');

		if (o) {
			apply(&m, o);
			continue;
		}
		if (value == words->at[i] || !*words->at[i])
			return err_set(e, EINVAL, ".options[%zu]: \"%s\" has no name", i, words->at[i]);
		if (value && strlen(value) > 255) /* fsconfig(2): strings are at most 255 bytes */
			return err_set(e, E2BIG, ".options[%zu]: the value of %.*s is longer than 255 bytes", i,
				       (int)(value - words->at[i]), words->at[i]);
		add_data(&m, words->at[i]);
	}
	*out = m;
	return 0;
}

static int by_word(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

strings mnt_option_words(struct arena *a)
{
	strings s = { arena_array(a, OPTIONS, sizeof(*s.at)), OPTIONS };

	for (size_t i = 0; i < OPTIONS; i++)
		s.at[i] = options[i].word;
	qsort(s.at, s.len, sizeof(*s.at), by_word);
	return s;
}
