/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/opts.h"

#include <errno.h>
#include <string.h>

#include "cmd/guess.h"
#include "cmd/units.h"

struct parse {
	struct arena *arena;
	const struct verb *verb;
	struct args *args;
	char *out;
	struct err *e;
};

const struct opt opts_help_row = O_STOP(OPTS_HELP, 'h', "help", "print this help");

static const struct word switches[] = {
	{ "true", 1 }, { "false", 0 }, { "1", 1 }, { "0", 0 }, { NULL, 0 },
};

const char *opts_title(struct arena *a, const struct verb *v)
{
	if (v->program)
		return v->name;
	return arena_printf(a, "kist %s%s%s", v->group ? v->group : "", v->group ? " " : "", v->name);
}

void opts_usage(const struct verb *v, struct text *t)
{
	text_add(t, v->subs && !v->program ? "%s" : "%s [OPTION]...", opts_title(t->arena, v));
	for (const struct operand *o = v->operands; o->name; o++)
		text_add(t, " %s", o->name);
}

static int wrong_usage(const struct parse *p)
{
	struct text t = { .arena = p->arena };

	opts_usage(p->verb, &t);
	return err_hint(p->e, -EINVAL, "usage: %s (%s --help explains)", text_str(&t),
			opts_title(p->arena, p->verb));
}

static int unknown(const struct parse *p, const char *word)
{
	size_t dashes = strspn(word, "-");
	struct guess g = { .word = word + dashes, .len = strcspn(word + dashes, "=") };

	for (size_t i = 0; i < p->verb->n; i++)
		if (p->verb->opts[i].name)
			guess_try(&g, p->verb->opts[i].name);
	err_set(p->e, EINVAL, "unknown option %s%s%s%s", word, g.best ? " (did you mean --" : "",
		g.best ? g.best : "", g.best ? "?)" : "");
	return wrong_usage(p);
}

static void add(struct parse *p, strings *l, const char *value)
{
	l->at = arena_grow(p->arena, l->at, l->len, sizeof(*l->at));
	l->at[l->len++] = value;
}

static int store_switch(const struct parse *p, const struct opt *o, void *slot, const char *value)
{
	const struct word *w = value ? word_find(switches, value) : switches;

	if (!w)
		return err_set(p->e, EINVAL, "option --%s takes no value but true or false, not \"%s\"",
			       o->name, value);
	if (o->kind == OPT_FLAG)
		*(bool *)slot = w->value;
	else if (o->kind == OPT_SET && w->value)
		*(int *)slot = o->value;
	else if (o->kind == OPT_SET && *(int *)slot == o->value)
		*(int *)slot = 0;
	return 0;
}

static int store_word(const struct parse *p, const struct opt *o, int *slot, const char *value)
{
	const struct word *w = word_find(o->words, value);
	char known[128];

	if (w) {
		*slot = w->value;
		return 0;
	}
	word_list(o->words, known, sizeof(known));
	return err_set(p->e, EINVAL, "option --%s: unknown value \"%s\", expected one of %s", o->name, value,
		       known);
}

static bool read_u16(const char *s, uint16_t *out)
{
	uint32_t v;

	if (!text_u32(s, &v) || v > UINT16_MAX)
		return false;
	*out = (uint16_t)v;
	return true;
}

/* Options that need not be given are pointers into the arena, as in the structs of oci/spec.h. */
static int store_number(struct parse *p, const struct opt *o, void *slot, const char *value)
{
	void *v = arena_alloc(p->arena, sizeof(uint64_t));
	const char *expected = NULL;

	if (!*value)
		v = NULL;
	else if (o->kind == OPT_I64 && !text_i64(value, v))
		expected = "a whole number";
	else if (o->kind == OPT_U64 && !text_u64(value, v))
		expected = "a whole number, 0 or more";
	else if (o->kind == OPT_U16 && !read_u16(value, v))
		expected = "a whole number from 0 to 65535";
	else if (o->kind == OPT_SIZE && !units_size(value, v))
		expected = "a size such as 4096, 512M or 1.5G (-1: unlimited)";
	if (expected)
		return err_set(p->e, EINVAL, "option --%s: \"%s\" is not %s", o->name, value, expected);
	*(void **)slot = v;
	return 0;
}

static int store_time(const struct parse *p, const struct opt *o, uint32_t *slot, const char *value)
{
	if (units_time(value, slot) && (*slot || o->value)) {
		*slot = *slot ? *slot : (uint32_t)o->value;
		return 0;
	}
	return err_set(p->e, EINVAL, "option --%s: \"%s\" is not a time such as 5s, 500ms or 1m30s", o->name,
		       value);
}

static int store(struct parse *p, const struct opt *o, const char *value)
{
	void *slot = p->out + o->offset;

	switch (o->kind) {
	case OPT_STR: *(const char **)slot = *value ? value : NULL; return 0;
	case OPT_LIST: add(p, slot, value); return 0;
	case OPT_WORD: return store_word(p, o, slot, value);
	case OPT_U32:
		if (text_u32(value, slot))
			return 0;
		return err_set(p->e, EINVAL, "option --%s: \"%s\" is not a whole number from 0 to %u",
			       o->name, value, UINT32_MAX);
	case OPT_I64:
	case OPT_U64:
	case OPT_U16:
	case OPT_SIZE: return store_number(p, o, slot, value);
	case OPT_TIME: return store_time(p, o, slot, value);
	case OPT_STOP: return o->value;
	case OPT_IGNORED: return 0;
	case OPT_FLAG:
	case OPT_SET: break;
	}
	return store_switch(p, o, slot, value);
}

static int take(struct parse *p, const struct opt *o, const char *value)
{
	if (!o->arg)
		return store(p, o, value);
	if (!value && !p->args->n) {
		err_set(p->e, EINVAL, "option --%s requires an argument (%s)", o->name, o->arg);
		return wrong_usage(p);
	}
	if (!value) {
		value = *p->args->at++;
		p->args->n--;
	}
	return store(p, o, value);
}

static bool is_row(const struct opt *o, char letter, const char *name, size_t len)
{
	if (letter)
		return o->letter == letter;
	return o->name && strlen(o->name) == len && !memcmp(o->name, name, len);
}

static const struct opt *find(const struct verb *v, char letter, const char *name, size_t len)
{
	for (size_t i = 0; i < v->n; i++)
		if (is_row(&v->opts[i], letter, name, len))
			return &v->opts[i];
	return is_row(&opts_help_row, letter, name, len) ? &opts_help_row : NULL;
}

/* "-abc", where the first letter that takes a value takes the rest of the word, or the next one. */
static int letters(struct parse *p, const char *word)
{
	for (const char *s = word + 1; *s; s++) {
		const struct opt *o = find(p->verb, *s, NULL, 0);
		int r;

		if (!o)
			return unknown(p, word);
		if (s[1] == '=')
			return take(p, o, s + 2);
		if (o->arg)
			return take(p, o, s[1] ? s + 1 : NULL);
		r = take(p, o, NULL);
		if (r)
			return r;
	}
	return 0;
}

/* Go's flag package accepts "-name" for "--name", and containerd passes -no-subreaper: a whole name goes
 * before the letters of a bundle. */
static int option(struct parse *p, const char *word)
{
	bool two = word[1] == '-';
	const char *name = word + 1 + two, *eq = strchr(name, '=');
	const struct opt *o = find(p->verb, 0, name, eq ? (size_t)(eq - name) : strlen(name));

	if (o)
		return take(p, o, eq ? eq + 1 : NULL);
	return two ? unknown(p, word) : letters(p, word);
}

/* A name of a container never begins like an option; the words of a command may. */
static int check_many(const struct parse *p, const struct operand *o, int from)
{
	for (int i = from; o->complete == COMPLETE_CONTAINER && i < p->args->n; i++)
		if (*p->args->at[i] == '-') {
			err_set(p->e, EINVAL, "unexpected \"%s\": options go before the operands", p->args->at[i]);
			return wrong_usage(p);
		}
	return 0;
}

static int check_operands(const struct parse *p)
{
	const struct operand *o = p->verb->operands;
	int n = p->args->n, i;

	for (i = 0; o[i].name; i++) {
		if (strstr(o[i].name, "...") && (i < n || *o[i].name == '['))
			return check_many(p, &o[i], i);
		if (i >= n && *o[i].name != '[') {
			err_set(p->e, EINVAL, "%s is missing", o[i].name);
			return wrong_usage(p);
		}
	}
	if (n <= i)
		return 0;
	err_set(p->e, EINVAL, "unexpected \"%s\"%s", p->args->at[i],
		*p->args->at[i] == '-' ? ": options go before the operands" : "");
	return wrong_usage(p);
}

static int words(struct parse *p)
{
	while (p->args->n && p->args->at[0][0] == '-' && p->args->at[0][1]) {
		const char *word = *p->args->at++;
		int r;

		p->args->n--;
		if (!strcmp(word, "--"))
			break;
		r = option(p, word);
		if (r)
			return r;
	}
	return check_operands(p);
}

int opts_parse(struct arena *a, const struct verb *v, struct args *args, void *out, struct err *e)
{
	struct parse p = { .arena = a, .verb = v, .args = args, .out = out, .e = e };
	int r = words(&p);

	if (r >= 0 || v->program)
		return r;
	return v->group ? err_in(e, r, "%s %s", v->group, v->name) : err_in(e, r, "%s", v->name);
}
