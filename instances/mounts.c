/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/mounts.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "storage/volume.h"

/* One mount while it is read. */
struct reading {
	struct arena *a;
	const char *option, *given; /* --volume and its value */
	const char *here;
	struct inst_mount m;
	struct strv options;
	bool exec, suid, dev, copy_up; /* asked for against the default */
	bool rbind;		       /* how far is said already */
	bool propagates;
};

enum role { PLAIN, EXEC, SUID, DEV, BIND, PROPAGATION, NOTHING, NOCOPY, COPY_UP, NO_COPY_UP };
enum { ON_BIND = 1, ON_NAMED = 2, ON_TMPFS = 4, ON_OWN = 8, ON_VOLUME = ON_NAMED | ON_OWN, ON_ALL = 15 };

/* A closed list: an unknown word is a mistake, and not an option of some file system. */
static const struct {
	const char *word;
	enum role role;
	int on;
} words[] = {
	{ "ro", PLAIN, ON_ALL },	    { "rw", PLAIN, ON_ALL },
	{ "exec", EXEC, ON_ALL },	    { "noexec", PLAIN, ON_ALL },
	{ "suid", SUID, ON_ALL },	    { "nosuid", PLAIN, ON_ALL },
	{ "dev", DEV, ON_ALL },		    { "nodev", PLAIN, ON_ALL },
	{ "noatime", PLAIN, ON_ALL },	    { "relatime", PLAIN, ON_ALL },
	{ "bind", BIND, ON_BIND },	    { "rbind", BIND, ON_BIND },
	{ "idmap", PLAIN, ON_BIND },	    { "private", PROPAGATION, ON_BIND },
	{ "rprivate", PROPAGATION, ON_BIND }, { "slave", PROPAGATION, ON_BIND },
	{ "rslave", PROPAGATION, ON_BIND }, { "shared", PROPAGATION, ON_BIND },
	{ "rshared", PROPAGATION, ON_BIND }, { "z", NOTHING, ON_BIND | ON_VOLUME },
	{ "Z", NOTHING, ON_BIND | ON_VOLUME }, { "nocopy", NOCOPY, ON_VOLUME },
	{ "copy", NOTHING, ON_VOLUME },	    { "tmpcopyup", COPY_UP, ON_TMPFS },
	{ "notmpcopyup", NO_COPY_UP, ON_TMPFS },
};
static const char *const tmpfs_data[] = { "size", "mode", "nr_inodes", "uid", "gid" };

static int wrong(const struct reading *m, struct err *e, const char *why, const char *word)
{
	return err_set(e, EINVAL, "option --%s \"%s\": %s%s%s", m->option, m->given, why, word ? " " : "", word ? word : "");
}

static bool is_tmpfs_data(const char *word)
{
	const char *eq = strchr(word, '=');

	for (size_t i = 0; eq && i < sizeof(tmpfs_data) / sizeof(tmpfs_data[0]); i++)
		if (!strncmp(word, tmpfs_data[i], (size_t)(eq - word)) && !tmpfs_data[i][eq - word])
			return eq[1] != 0;
	return false;
}

static int take_word(struct reading *m, const char *word, struct err *e)
{
	size_t i = 0;

	if (m->m.kind == INST_TMPFS && is_tmpfs_data(word)) {
		strv_add(&m->options, word);
		return 0;
	}
	if (!strcmp(word, "U"))
		return wrong(m, e, "kist changes no owners on the host; write idmap to show the files through the instance's ids", NULL);
	while (i < sizeof(words) / sizeof(words[0]) && (strcmp(words[i].word, word) != 0 || !(words[i].on & 1 << m->m.kind)))
		i++;
	if (i == sizeof(words) / sizeof(words[0]))
		return wrong(m, e, "unknown option", word);
	m->exec |= words[i].role == EXEC;
	m->suid |= words[i].role == SUID;
	m->dev |= words[i].role == DEV;
	m->rbind |= words[i].role == BIND;
	m->propagates |= words[i].role == PROPAGATION;
	m->m.nocopy |= words[i].role == NOCOPY;
	m->copy_up &= words[i].role != NO_COPY_UP;
	if (words[i].role <= PROPAGATION)
		strv_add(&m->options, word);
	return 0;
}

static int take_words(struct reading *m, const char *list, struct err *e)
{
	char *save, *copy = arena_strdup(m->a, list);
	int r = 0;

	for (char *w = strtok_r(copy, ",", &save); w && !r; w = strtok_r(NULL, ",", &save))
		r = take_word(m, w, e);
	return r;
}

static void add_unless(struct reading *m, bool not, const char *word)
{
	if (!not)
		strv_add(&m->options, word);
}

static bool has_option(const struct reading *m, const char *start)
{
	for (size_t i = 0; i < m->options.len; i++)
		if (text_starts(m->options.at[i], start))
			return true;
	return false;
}

/* What holds unless the person says otherwise: no set-id programs and no devices from outside. */
static void add_defaults(struct reading *m)
{
	add_unless(m, m->rbind || m->m.kind == INST_TMPFS, m->m.kind == INST_BIND ? "rbind" : "bind");
	add_unless(m, m->propagates || m->m.kind == INST_TMPFS, "rprivate");
	add_unless(m, m->suid, "nosuid");
	add_unless(m, m->dev, "nodev");
	add_unless(m, m->exec || m->m.kind != INST_TMPFS, "noexec");
	add_unless(m, !m->copy_up || m->m.kind != INST_TMPFS, "tmpcopyup");
	add_unless(m, m->m.kind != INST_TMPFS || has_option(m, "size="), INST_TMPFS_SIZE);
	add_unless(m, m->m.kind != INST_TMPFS || has_option(m, "nr_inodes="), INST_TMPFS_FILES);
}

static int set_source(struct reading *m, const char *source, struct err *e)
{
	if (m->m.kind == INST_VOLUME) {
		m->m.source = source;
		return st_volume_check_name(source, e);
	}
	m->m.source = path_clean(m->a, *source == '/' ? source : path_join(m->a, m->here, source));
	return 0;
}

static int set_target(struct reading *m, const char *target, struct err *e)
{
	if (*target != '/')
		return wrong(m, e, "the place in the instance must be an absolute path, not", target);
	m->m.target = path_clean(m->a, target);
	return strcmp(m->m.target, "/") ? 0 : wrong(m, e, "the root itself cannot be mounted over", NULL);
}

/* SOURCE:TARGET[:OPTION,...]: a name is a volume, anything that looks like a path is one; TARGET alone. */
static int read_volume(struct reading *m, struct err *e)
{
	char *copy = arena_strdup(m->a, m->given), *target = strchr(copy, ':'), *options;
	int r;

	if (!target && *copy == '/') {
		m->m.kind = INST_OWN;
		return set_target(m, copy, e);
	}
	if (!target || target == copy)
		return wrong(m, e, "expected SOURCE:TARGET, SOURCE:TARGET:OPTION,... or an absolute TARGET", NULL);
	*target++ = 0;
	options = strchr(target, ':');
	if (options)
		*options++ = 0;
	m->m.kind = *copy == '/' || *copy == '.' ? INST_BIND : INST_VOLUME;
	r = set_source(m, copy, e);
	if (!r)
		r = set_target(m, target, e);
	return r || !options ? r : take_words(m, options, e);
}

static int read_tmpfs(struct reading *m, struct err *e)
{
	char *target = arena_strdup(m->a, m->given), *options = strchr(target, ':');
	int r;

	m->m.kind = INST_TMPFS;
	if (options)
		*options++ = 0;
	r = set_target(m, target, e);
	return r || !options ? r : take_words(m, options, e);
}

static const struct word kinds[] = {
	{ "bind", INST_BIND }, { "volume", INST_VOLUME }, { "tmpfs", INST_TMPFS }, { NULL, 0 },
};
enum key { KEY_TYPE, KEY_SOURCE, KEY_TARGET, KEY_READONLY, KEY_SIZE, KEY_MODE, KEY_PROPAGATION };
static const struct word keys[] = {
	{ "type", KEY_TYPE },	   { "source", KEY_SOURCE },	 { "src", KEY_SOURCE },
	{ "target", KEY_TARGET },  { "destination", KEY_TARGET }, { "dst", KEY_TARGET },
	{ "ro", KEY_READONLY },	   { "readonly", KEY_READONLY },  { "tmpfs-size", KEY_SIZE },
	{ "tmpfs-mode", KEY_MODE }, { "bind-propagation", KEY_PROPAGATION }, { NULL, 0 },
};

static int read_only(struct reading *m, const char *value, struct err *e)
{
	if (!*value || !strcmp(value, "true") || !strcmp(value, "1"))
		return take_word(m, "ro", e);
	return !strcmp(value, "false") || !strcmp(value, "0") ? 0 : wrong(m, e, "readonly is true or false, not", value);
}

static int take_key(struct reading *m, enum key k, const char *value, struct err *e)
{
	switch (k) {
	case KEY_TYPE: return 0;
	case KEY_SOURCE: return set_source(m, value, e);
	case KEY_TARGET: return set_target(m, value, e);
	case KEY_READONLY: return read_only(m, value, e);
	case KEY_SIZE: return take_word(m, arena_printf(m->a, "size=%s", value), e);
	case KEY_MODE: return take_word(m, arena_printf(m->a, "mode=%s", value), e);
	case KEY_PROPAGATION: break;
	}
	return take_word(m, value, e);
}

/* The type decides what the others mean, wherever it stands. */
static int find_kind(struct reading *m, struct err *e)
{
	const char *type = m->given;
	const struct word *w;

	while (type && !text_starts(type, "type="))
		type = strchr(type, ',') ? strchr(type, ',') + 1 : NULL;
	if (!type) {
		m->m.kind = INST_VOLUME;
		return 0;
	}
	type = arena_strndup(m->a, type + 5, strcspn(type + 5, ","));
	w = word_find(kinds, type);
	if (!w)
		return wrong(m, e, "the type is one of bind, volume, tmpfs, not", type);
	m->m.kind = (enum inst_mount_kind)w->value;
	return 0;
}

static bool says_source(const char *list)
{
	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (text_starts(list, "source=") || text_starts(list, "src="))
			return true;
	return false;
}

/* KEY=VALUE,... */
static int read_mount(struct reading *m, struct err *e)
{
	char *save, *copy = arena_strdup(m->a, m->given);
	int r = find_kind(m, e);

	if (!r && m->m.kind == INST_VOLUME && !says_source(m->given))
		m->m.kind = INST_OWN;
	for (char *w = strtok_r(copy, ",", &save); w && !r; w = strtok_r(NULL, ",", &save)) {
		char *eq = strchr(w, '=');
		const struct word *key;

		if (eq)
			*eq = 0;
		key = word_find(keys, w);
		if (key)
			r = take_key(m, (enum key)key->value, eq ? eq + 1 : "", e);
		else
			r = eq ? wrong(m, e, "unknown key", w) : take_word(m, w, e);
	}
	if (r)
		return r;
	if (!m->m.target)
		return wrong(m, e, "target=PATH is missing", NULL);
	return m->m.source || m->m.kind != INST_BIND ? 0 : wrong(m, e, "source= is missing", NULL);
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static bool is_taken(const inst_mounts *l, const char *target)
{
	for (size_t k = 0; k < l->len; k++)
		if (!strcmp(l->at[k].target, target))
			return true;
	return false;
}

/* Keeps the order of those that are equally deep. */
static void insert(struct arena *a, inst_mounts *l, struct inst_mount m)
{
	size_t i = l->len, own = 1;

	for (size_t k = 0; k < l->len; k++)
		own += l->at[k].kind == INST_OWN;
	if (m.kind == INST_OWN)
		m.source = arena_printf(a, INST_OWN_VOLUMES "/%zu", own);
	while (i && depth(l->at[i - 1].target) > depth(m.target)) {
		l->at[i] = l->at[i - 1];
		i--;
	}
	l->at[i] = m;
	l->len++;
}

void inst_mounts_add_own(struct arena *a, const char *target, inst_mounts *l)
{
	struct reading m = { .a = a, .m = { .kind = INST_OWN }, .options = { .arena = a } };
	struct inst_mount *at = arena_array(a, l->len + 1, sizeof(*at));

	if (set_target(&m, target, NULL) < 0 || is_taken(l, m.m.target))
		return;
	add_defaults(&m);
	m.m.options = (strings){ m.options.at, m.options.len };
	if (l->len)
		memcpy(at, l->at, l->len * sizeof(*at));
	l->at = at;
	insert(a, l, m.m);
}

int inst_mounts_parse(struct arena *a, const struct inst_options *o, const char *here, inst_mounts *out, struct err *e)
{
	const struct {
		const char *name;
		const strings *values;
		int (*read)(struct reading *m, struct err *e);
	} kinds_of[] = { { "volume", &o->volumes, read_volume }, { "mount", &o->mounts, read_mount }, { "tmpfs", &o->tmpfs, read_tmpfs } };
	inst_mounts l = { .at = arena_array(a, o->volumes.len + o->mounts.len + o->tmpfs.len, sizeof(*l.at)) };
	int r = 0;

	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < kinds_of[k].values->len && !r; i++) {
			struct reading m = { .a = a, .option = kinds_of[k].name, .given = kinds_of[k].values->at[i],
					     .here = here, .options = { .arena = a }, .copy_up = true };

			r = kinds_of[k].read(&m, e);
			if (r)
				break;
			add_defaults(&m);
			m.m.options = (strings){ m.options.at, m.options.len };
			if (is_taken(&l, m.m.target))
				r = wrong(&m, e, "something else is mounted on", m.m.target);
			else
				insert(a, &l, m.m);
		}
	if (!r)
		*out = l;
	return r;
}
