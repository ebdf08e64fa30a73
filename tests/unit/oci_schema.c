/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables beside the specification's JSON schema, as data/oci-properties.txt has it: neither lacks what
 * the other has, and types, presence and words agree. */
#include <stdio.h>

#include "oci/features.h"
#include "oci/spec.h"
#include "oci/state.h"
#include "oci_data.h"

enum { MOST = 512 };

struct property {
	const char *path, *type, *words;
	bool required, seen;
};

struct schema {
	const char *document;
	const struct object *object;
	struct property at[MOST];
	size_t len;
};

/* Other platforms than Linux. */
static const char *const unsupported[] = { "freebsd", "solaris", "vm", "windows", "zos" };

/* Rows without a property: what runc adds to the state, and what kist adds to the configuration. */
static const char *const additions[] = { "rootfs", "created", "owner", "image", "exitCode", "finished", "oomKilled", "kist" };

/*
 * Presence that differs, each for a reason: Go engines leave out a pids limit that is not set; `personality`
 * and `memoryPolicy` mean nothing without their word, and a throttle nothing without its rate (the prose says
 * REQUIRED, the schema forgets; the rate by a check, so it is not listed here).
 */
static const char *const other_presence[] = {
	"linux.resources.pids.limit", "linux.personality.domain", "linux.memoryPolicy.mode",
};

static bool among(const char *const *list, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], s))
			return true;
	return false;
}
#define AMONG(list, s) among(list, sizeof(list) / sizeof((list)[0]), s)

static void read_schema(struct arena *a, struct schema *s)
{
	char *text = data_read(a, "tests/unit/data/oci-properties.txt", NULL), *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *word = NULL, *doc = strtok_r(line, " ", &word);
		struct property *p = &s->at[s->len];

		if (strcmp(doc, s->document))
			continue;
		assert_true(s->len < MOST);
		p->path = strtok_r(NULL, " ", &word);
		p->type = strtok_r(NULL, " ", &word);
		p->required = !strcmp(strtok_r(NULL, " ", &word), "required");
		p->words = strtok_r(NULL, " ", &word);
		s->len++;
	}
	assert_true(s->len > 5);
}

static struct property *find(struct schema *s, const char *path)
{
	for (size_t i = 0; i < s->len; i++)
		if (!strcmp(s->at[i].path, path))
			return &s->at[i];
	return NULL;
}

static bool type_fits(const struct field *f, const char *type)
{
	static const struct {
		const char *type;
		enum kind kind;
	} same[] = {
		{ "boolean", K_BOOL }, { "string", K_STR },   { "string", K_WORD },   { "string", K_TOKEN },
		{ "object", K_OBJ },   { "int64", K_I64 },    { "uint64", K_U64 },    { "int32", K_I32 },
		{ "uint32", K_U32 },   { "uint16", K_U16 },   { "integer", K_I64 },   { "integer", K_U32 },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (same[i].kind == f->kind && !strcmp(same[i].type, type))
			return true;
	return false;
}

static void check_words(const struct field *f, const struct property *p, const char *path)
{
	char words[1024], *save = NULL;

	if (!strcmp(p->words, "-") || !strcmp(path, "status"))
		return;
	assert_true(f->kind == K_WORD || f->kind == K_TOKEN);
	snprintf(words, sizeof(words), "%s", p->words);
	for (char *w = strtok_r(words, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (!word_find(f->arg, w))
			fail_msg("%s does not know %s", path, w);
}

static void check_row(struct schema *s, const struct field *f, const char *path)
{
	struct property *p = find(s, path);

	if (!p && AMONG(additions, path))
		return;
	if (!p) {
		fail_msg("the row %s has no property in the schema", path);
		return;
	}
	p->seen = true;
	if (!type_fits(f, p->type))
		fail_msg("%s has another type than the schema's %s", path, p->type);
	if (p->required != (f->flags & REQUIRED) && !AMONG(other_presence, path))
		fail_msg("%s: the schema says %s", path, p->required ? "required" : "optional");
	check_words(f, p, path);
}

static void walk(struct arena *a, struct schema *s, const struct object *o, const char *prefix)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct field *f = &o->fields[i];
		const char *path = arena_printf(a, "%s%s%s%s", prefix, *prefix ? "." : "", f->key,
						f->shape == LIST ? "[]" : f->shape == MAP ? "{}" : "");

		check_row(s, f, path);
		if (f->kind == K_OBJ && !AMONG(additions, path))
			walk(a, s, f->arg, path);
	}
}

static void compare(const char *document, const struct object *o)
{
	auto_arena a = { 0 };
	struct schema *s = arena_alloc(&a, sizeof(*s));

	s->document = document;
	s->object = o;
	read_schema(&a, s);
	walk(&a, s, o, "");
	for (size_t i = 0; i < s->len; i++)
		if (!s->at[i].seen && !AMONG(unsupported, s->at[i].path))
			fail_msg("the property %s has no row", s->at[i].path);
}

static void config(void **state)
{
	(void)state;
	compare("config", &oci_spec_object);
}

static void state_(void **state)
{
	(void)state;
	compare("state", &oci_state_object);
}

static void features(void **state)
{
	(void)state;
	compare("features", &oci_features_object);
}

/* The specification defines no personality flag yet. */
static const char *const empty[] = { "linux.personality.flags[]" };

static bool present(const struct json *v, const char *path)
{
	size_t n = strcspn(path, ".[{");
	char key[64];
	const char *rest = path + n;

	snprintf(key, sizeof(key), "%.*s", (int)n, path);
	v = json_get(v, key);
	if (!v)
		return false;
	if (!*rest)
		return true;
	if (*rest == '.')
		return present(v, rest + 1);
	for (const struct json *c = v->first; c; c = c->next)
		if (!rest[2] || present(c, rest + 3))
			return true;
	return false;
}

/* So that the round trip of that document is a round trip of every row. */
static void full_document_is_full(void **state)
{
	auto_arena a = { 0 };
	struct schema *s = arena_alloc(&a, sizeof(*s));
	struct json *v = NULL;
	size_t len;
	const char *text = data_read(&a, "tests/fuzz/corpus/fuzz_spec/full.json", &len);

	(void)state;
	s->document = "config";
	read_schema(&a, s);
	assert_int_equal(json_parse(&a, text, len, &v, NULL), 0);
	for (size_t i = 0; i < s->len; i++)
		if (!AMONG(unsupported, s->at[i].path) && !AMONG(empty, s->at[i].path) &&
		    !present(v, s->at[i].path))
			fail_msg("full.json has no %s", s->at[i].path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(config),
		cmocka_unit_test(state_),
		cmocka_unit_test(features),
		cmocka_unit_test(full_document_is_full),
	};

	return RUN(tests);
}
