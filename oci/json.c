/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oci/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/text.h"

struct builder {
	struct arena *arena, scratch;
	struct json *root;
	struct json *stack[JSON_MAX_DEPTH];
	struct json *last[JSON_MAX_DEPTH]; /* youngest child at each depth */
	int depth;
	size_t values;
	const char *key;
	yajl_handle yajl;
	const char *text;
	size_t counted;
	unsigned line;
	struct err *err;
};

static unsigned line_at(struct builder *b, size_t upto)
{
	for (; b->counted < upto; b->counted++)
		b->line += b->text[b->counted] == '\n';
	return b->line;
}

static unsigned line_now(struct builder *b)
{
	return line_at(b, yajl_get_bytes_consumed(b->yajl));
}

static struct json *add(struct builder *b, enum json_type type)
{
	struct json *v;

	if (++b->values > JSON_MAX_VALUES) {
		err_set(b->err, E2BIG, "line %u: more than %d values", line_now(b), JSON_MAX_VALUES);
		return NULL;
	}
	v = arena_alloc(b->arena, sizeof(*v));
	v->type = type;
	v->line = line_now(b);
	v->key = b->key;
	b->key = NULL;
	if (!b->depth) {
		b->root = v;
		return v;
	}
	if (b->last[b->depth - 1])
		b->last[b->depth - 1]->next = v;
	else
		b->stack[b->depth - 1]->first = v;
	b->last[b->depth - 1] = v;
	b->stack[b->depth - 1]->len++;
	return v;
}

static int on_null(void *ctx)
{
	return add(ctx, JSON_NULL) != NULL;
}

static int on_bool(void *ctx, int yes)
{
	struct json *v = add(ctx, JSON_BOOL);

	if (v)
		v->yes = yes;
	return v != NULL;
}

static int on_number(void *ctx, const char *s, size_t n)
{
	struct builder *b = ctx;
	struct json *v = add(b, JSON_NUMBER);

	if (v)
		v->text = arena_strndup(b->arena, s, n);
	return v != NULL;
}

static const char *string(struct builder *b, const unsigned char *s, size_t n)
{
	char *text = arena_strndup(b->arena, n ? (const char *)s : "", n);

	if (strlen(text) != n) {
		err_set(b->err, EINVAL, "line %u: NUL inside a string", line_now(b));
		return NULL;
	}
	/* yajl lets overlong forms and surrogates pass. */
	for (size_t one, i = 0; i < n; i += one) {
		one = text_utf8(text + i);
		if (!one) {
			err_set(b->err, EINVAL, "line %u: invalid UTF-8 inside a string", line_now(b));
			return NULL;
		}
	}
	return text;
}

static int on_string(void *ctx, const unsigned char *s, size_t n)
{
	struct builder *b = ctx;
	const char *text = string(b, s, n);
	struct json *v = text ? add(b, JSON_STRING) : NULL;

	if (v)
		v->text = text;
	return v != NULL;
}

static int on_key(void *ctx, const unsigned char *s, size_t n)
{
	struct builder *b = ctx;

	b->key = string(b, s, n);
	return b->key != NULL;
}

static int open_(struct builder *b, enum json_type type)
{
	struct json *v;

	if (b->depth == JSON_MAX_DEPTH) {
		err_set(b->err, EINVAL, "line %u: nested deeper than %d levels", line_now(b), JSON_MAX_DEPTH);
		return 0;
	}
	v = add(b, type);
	if (!v)
		return 0;
	b->last[b->depth] = NULL;
	b->stack[b->depth++] = v;
	return 1;
}

static int on_object(void *ctx)
{
	return open_(ctx, JSON_OBJECT);
}

static int on_array(void *ctx)
{
	return open_(ctx, JSON_ARRAY);
}

static int on_array_end(void *ctx)
{
	((struct builder *)ctx)->depth--;
	return 1;
}

static int by_key_then_line(const void *x, const void *y)
{
	const struct json *const *a = x, *const *b = y;
	int r = strcmp((*a)->key, (*b)->key);

	return r ? r : ((*a)->line > (*b)->line) - ((*a)->line < (*b)->line);
}

/* Sorting at the object's end costs n log n whatever the keys are: no hash that a document could collide. */
static int on_object_end(void *ctx)
{
	struct builder *b = ctx;
	struct json *o = b->stack[--b->depth];
	const struct json **sorted = arena_array(&b->scratch, o->len, sizeof(*sorted));
	char shown[JSON_SHOWN];
	size_t n = 0;

	for (const struct json *c = o->first; c; c = c->next)
		sorted[n++] = c;
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), by_key_then_line);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(sorted[i - 1]->key, sorted[i]->key)) {
			err_set(b->err, EINVAL,
				"line %u: \"%s\" appears twice in one object (first in line %u)",
				sorted[i]->line, json_shown(shown, sorted[i]->key), sorted[i - 1]->line);
			return 0;
		}
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_map_key = on_key,
	.yajl_start_map = on_object,
	.yajl_end_map = on_object_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

/* yajl says "parse error: words\n"; ours is "line N: words, after «what stood there»". */
static int syntax(struct builder *b, size_t at, size_t len)
{
	unsigned char *said = yajl_get_error(b->yajl, 0, (const unsigned char *)b->text, len);
	char *words = (char *)said, *colon = strstr(words, "error: ");
	char before[32], shown[JSON_SHOWN];
	size_t n = 0;

	if (colon)
		words = colon + strlen("error: ");
	words[strcspn(words, "\n")] = 0;
	if (*words && words[strlen(words) - 1] == '.')
		words[strlen(words) - 1] = 0;
	while (n < sizeof(before) - 1 && n < at && b->text[at - n - 1] != '\n')
		n++;
	snprintf(before, sizeof(before), "%.*s", (int)n, b->text + at - n);
	err_set(b->err, EINVAL, n ? "line %u: not valid JSON: %s, after '%s'" : "line %u: not valid JSON: %s",
		line_at(b, at), words, json_shown(shown, before));
	yajl_free_error(b->yajl, said);
	return -EINVAL;
}

static bool is_blank(const char *text, size_t len)
{
	while (len && strchr(" \t\r\n", text[len - 1]) && text[len - 1])
		len--;
	return !len;
}

static int run(struct builder *b, size_t len)
{
	yajl_status s = yajl_parse(b->yajl, (const unsigned char *)b->text, len);
	size_t at = yajl_get_bytes_consumed(b->yajl);

	if (s == yajl_status_ok) {
		/* From here on yajl counts from 0 again. */
		line_at(b, len);
		at = len;
		s = yajl_complete_parse(b->yajl);
	}
	if (s == yajl_status_client_canceled)
		return -b->err->code;
	if (is_blank(b->text, len))
		return err_set(b->err, EINVAL, "line 1: the document is empty");
	if (s != yajl_status_ok)
		return syntax(b, at, len);
	return 0;
}

int json_parse(struct arena *a, const char *text, size_t len, struct json **out, struct err *e)
{
	struct err unheard;
	struct builder b = { .arena = a, .text = text, .line = 1, .err = e ? e : &unheard };
	int r;

	if (len > JSON_MAX_BYTES)
		return err_set(e, EFBIG, "line 1: larger than %d MiB", JSON_MAX_BYTES >> 20);
	b.yajl = yajl_alloc(&callbacks, NULL, &b);
	if (!b.yajl)
		abort();
	r = run(&b, len);
	yajl_free(b.yajl);
	arena_done(&b.scratch);
	if (!r)
		*out = b.root;
	return r;
}

const struct json *json_get(const struct json *v, const char *key)
{
	if (!v || v->type != JSON_OBJECT)
		return NULL;
	for (const struct json *c = v->first; c; c = c->next)
		if (c->type != JSON_NULL && !strcmp(c->key, key))
			return c;
	return NULL;
}

const struct json *json_item(const struct json *v, size_t i)
{
	const struct json *c = v ? v->first : NULL;

	while (c && i--)
		c = c->next;
	return c;
}
