/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oci/bind.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const type_names[] = {
	"null", "a boolean", "a number", "a string", "a list", "an object",
};

static const struct {
	enum json_type json;
	size_t size;
	int64_t min;
	uint64_t max;
} kinds[] = {
	[K_BOOL] = { JSON_BOOL, sizeof(bool), 0, 0 },
	[K_I64] = { JSON_NUMBER, sizeof(int64_t), INT64_MIN, INT64_MAX },
	[K_U64] = { JSON_NUMBER, sizeof(uint64_t), 0, UINT64_MAX },
	[K_I32] = { JSON_NUMBER, sizeof(int32_t), INT32_MIN, INT32_MAX },
	[K_U32] = { JSON_NUMBER, sizeof(uint32_t), 0, UINT32_MAX },
	[K_U16] = { JSON_NUMBER, sizeof(uint16_t), 0, UINT16_MAX },
	[K_STR] = { JSON_STRING, sizeof(const char *), 0, 0 },
	[K_WORD] = { JSON_STRING, sizeof(int), 0, 0 },
	[K_TOKEN] = { JSON_STRING, sizeof(const char *), 0, 0 },
	[K_OBJ] = { JSON_OBJECT, 0, 0, 0 },
};

static size_t size_of(const struct field *f)
{
	return f->kind == K_OBJ ? ((const struct object *)f->arg)->size : kinds[f->kind].size;
}

size_t oci_step(const struct field *f)
{
	return f->shape == MAP && f->kind == K_STR ? sizeof(struct pair) : size_of(f);
}

static PRINTF_LIKE(3, 0) int bad(unsigned line, struct err *e, const char *fmt, va_list ap)
{
	char said[sizeof(e->msg)];

	vsnprintf(said, sizeof(said), fmt, ap);
	if (line)
		return err_set(e, EINVAL, " (line %u): %s", line, said);
	return err_set(e, EINVAL, ": %s", said);
}

static unsigned line_of(const struct json *c, const struct json *v)
{
	return c ? c->line : v ? v->line : 0;
}

int oci_bad(const struct json *v, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = bad(line_of(v, NULL), e, fmt, ap);
	va_end(ap);
	return r;
}

int oci_bad_key(const struct json *v, const char *key, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = bad(line_of(json_get(v, key), v), e, fmt, ap);
	va_end(ap);
	return err_path(e, r, ".%s", key);
}

int oci_bad_item(const struct json *v, const char *key, size_t i, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = bad(line_of(json_item(json_get(v, key), i), v), e, fmt, ap);
	va_end(ap);
	return err_path(e, r, ".%s[%zu]", key, i);
}

int oci_bad_entry(const struct json *v, const char *key, const char *entry, struct err *e,
		  const char *fmt, ...)
{
	char shown[JSON_SHOWN];
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = bad(line_of(json_get(json_get(v, key), entry), v), e, fmt, ap);
	va_end(ap);
	return err_path(e, r, ".%s[\"%s\"]", key, json_shown(shown, entry));
}

static int want(const struct json *v, enum json_type t, struct err *e)
{
	return v->type == t ? 0 : oci_bad(v, e, "expected %s, found %s", type_names[t], type_names[v->type]);
}

static int out_of_range(const struct field *f, const struct json *v, struct err *e)
{
	int64_t min = f->min || f->max ? f->min : kinds[f->kind].min;
	uint64_t max = f->min || f->max ? f->max : kinds[f->kind].max;
	char shown[JSON_SHOWN];

	return oci_bad(v, e, "%s is out of range, expected %" PRId64 " to %" PRIu64,
		       json_shown(shown, v->text), min, max);
}

/* `bits` is the value in two's complement; `minus` tells what it means. */
static bool in_range(const struct field *f, bool minus, uint64_t bits)
{
	int64_t min = f->min || f->max ? f->min : kinds[f->kind].min;
	uint64_t max = f->min || f->max ? f->max : kinds[f->kind].max;

	if (minus)
		return (int64_t)bits >= min;
	return bits <= max && (min < 0 || bits >= (uint64_t)min);
}

static void store(const struct field *f, uint64_t bits, void *out)
{
	uint16_t u16 = (uint16_t)bits;
	uint32_t u32 = (uint32_t)bits;

	if (kinds[f->kind].size == sizeof(u16))
		memcpy(out, &u16, sizeof(u16));
	else if (kinds[f->kind].size == sizeof(u32))
		memcpy(out, &u32, sizeof(u32));
	else
		memcpy(out, &bits, sizeof(bits));
}

static int number(const struct field *f, const struct json *v, void *out, struct err *e)
{
	bool minus = v->text[0] == '-';
	char shown[JSON_SHOWN];
	uint64_t bits;
	int64_t n;

	if (v->text[minus + strspn(v->text + minus, "0123456789")])
		return oci_bad(v, e, "%s is not a whole number", json_shown(shown, v->text));
	if (minus && text_i64(v->text, &n))
		bits = (uint64_t)n;
	else if (minus || !text_u64(v->text, &bits))
		return out_of_range(f, v, e);
	if (!in_range(f, minus && bits, bits))
		return out_of_range(f, v, e);
	store(f, bits, out);
	return 0;
}

static int word(const struct field *f, const struct json *v, void *out, struct err *e)
{
	const struct word *w = word_find(f->arg, v->text);
	char list[320], shown[JSON_SHOWN];

	if (!w) {
		word_list(f->arg, list, sizeof(list));
		return oci_bad(v, e, "unknown value \"%s\", expected one of %s", json_shown(shown, v->text),
			       list);
	}
	if (f->kind == K_WORD)
		*(int *)out = w->value;
	else
		*(const char **)out = v->text;
	return 0;
}

static int single(struct arena *a, const struct field *f, const struct json *v, void *out, struct err *e)
{
	int r = want(v, kinds[f->kind].json, e);

	if (r)
		return r;
	switch (f->kind) {
	case K_BOOL:
		*(bool *)out = v->yes;
		return 0;
	case K_STR:
		*(const char **)out = v->text;
		return 0;
	case K_WORD:
	case K_TOKEN:
		return word(f, v, out, e);
	case K_OBJ:
		return oci_decode(a, f->arg, v, out, e);
	case K_I64:
	case K_U64:
	case K_I32:
	case K_U32:
	case K_U16:
		break;
	}
	return number(f, v, out, e);
}

/* Lists and maps alike; a map's elements start with their key. */
static int many(struct arena *a, const struct field *f, const struct json *v, struct any_list *out,
		struct err *e)
{
	bool map = f->shape == MAP, plain = map && f->kind == K_STR;
	size_t step = oci_step(f), i = 0;
	char shown[JSON_SHOWN];
	int r = want(v, map ? JSON_OBJECT : JSON_ARRAY, e);
	char *at;

	if (r)
		return r;
	at = arena_array(a, v->len + 1, step);
	for (const struct json *c = v->first; c; c = c->next, i++) {
		void *item = at + i * step;

		if (map)
			*(const char **)item = c->key;
		r = single(a, f, c, plain ? (void *)&((struct pair *)item)->value : item, e);
		if (r && map)
			return err_path(e, r, "[\"%s\"]", json_shown(shown, c->key));
		if (r)
			return err_path(e, r, "[%zu]", i);
	}
	*out = (struct any_list){ at, v->len };
	return 0;
}

static int field(struct arena *a, const struct field *f, const struct json *v, void *slot, struct err *e)
{
	void *p;

	if (f->shape == LIST || f->shape == MAP)
		return many(a, f, v, slot, e);
	if (f->shape == ONE)
		return single(a, f, v, slot, e);
	p = arena_alloc(a, size_of(f));
	*(void **)slot = p;
	return single(a, f, v, p, e);
}

int oci_decode(struct arena *a, const struct object *o, const struct json *v, void *out, struct err *e)
{
	int r = want(v, JSON_OBJECT, e);

	for (size_t i = 0; !r && i < o->n; i++) {
		const struct field *f = &o->fields[i];
		const struct json *c = json_get(v, f->key);

		if (c)
			r = field(a, f, c, (char *)out + f->offset, e);
		else if (f->flags & REQUIRED)
			r = oci_bad(v, e, "missing");
		if (r)
			return err_path(e, r, ".%s", f->key);
	}
	return r ? r : o->check ? o->check(out, v, e) : 0;
}
