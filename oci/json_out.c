/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text out: the writer, our own because yajl_gen takes bytes that are not UTF-8 and owns its buffer; and
 * what goes into messages. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "oci/json.h"

struct json_out {
	struct text text;
	enum json_style style;
	int depth;
	bool filled;	/* something stands before us in the open list or object */
	bool after_key;
};

struct json_out *json_out_new(struct arena *a, enum json_style style)
{
	struct json_out *o = arena_alloc(a, sizeof(*o));

	o->text.arena = a;
	o->style = style;
	return o;
}

static void new_line(struct json_out *o)
{
	if (o->style == JSON_COMPACT)
		return;
	text_addn(&o->text, "\n", 1);
	for (int i = 0; i < o->depth; i++)
		text_addn(&o->text, "  ", 2);
}

static void before(struct json_out *o)
{
	if (!o->after_key && o->depth) {
		if (o->filled)
			text_addn(&o->text, ",", 1);
		new_line(o);
	}
	o->after_key = false;
	o->filled = true;
}

static size_t escape(struct json_out *o, const char *s)
{
	static const struct {
		char c;
		const char *as;
	} names[] = {
		{ '"', "\\\"" }, { '\\', "\\\\" }, { '\n', "\\n" }, { '\t', "\\t" }, { '\r', "\\r" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (*s == names[i].c) {
			text_add(&o->text, "%s", names[i].as);
			return 1;
		}
	if ((unsigned char)*s < ' ')
		text_add(&o->text, "\\u%04x", *s);
	else
		text_add(&o->text, "\xef\xbf\xbd");
	return 1;
}

void json_out_str(struct json_out *o, const char *s)
{
	before(o);
	text_addn(&o->text, "\"", 1);
	while (*s) {
		size_t n = 0, one;

		while ((unsigned char)s[n] >= ' ' && s[n] != '"' && s[n] != '\\' &&
		       (one = text_utf8(s + n)))
			n += one;
		text_addn(&o->text, s, n);
		s += n;
		if (*s)
			s += escape(o, s);
	}
	text_addn(&o->text, "\"", 1);
}

void json_out_key(struct json_out *o, const char *key)
{
	json_out_str(o, key);
	text_add(&o->text, o->style == JSON_COMPACT ? ":" : ": ");
	o->after_key = true;
}

void json_out_i64(struct json_out *o, int64_t v)
{
	before(o);
	text_add(&o->text, "%" PRId64, v);
}

void json_out_u64(struct json_out *o, uint64_t v)
{
	before(o);
	text_add(&o->text, "%" PRIu64, v);
}

void json_out_digits(struct json_out *o, const char *number)
{
	before(o);
	text_add(&o->text, "%s", number);
}

void json_out_null(struct json_out *o)
{
	json_out_digits(o, "null");
}

void json_out_bool(struct json_out *o, bool v)
{
	before(o);
	text_add(&o->text, v ? "true" : "false");
}

void json_out_open(struct json_out *o, enum json_type t)
{
	before(o);
	text_addn(&o->text, t == JSON_OBJECT ? "{" : "[", 1);
	o->depth++;
	o->filled = false;
}

void json_out_close(struct json_out *o, enum json_type t)
{
	o->depth--;
	if (o->filled)
		new_line(o);
	text_addn(&o->text, t == JSON_OBJECT ? "}" : "]", 1);
	o->filled = true;
	if (!o->depth && o->style == JSON_PRETTY)
		text_addn(&o->text, "\n", 1);
}

void json_out_tree(struct json_out *o, const struct json *v)
{
	switch (v->type) {
	case JSON_NULL: json_out_null(o); return;
	case JSON_BOOL: json_out_bool(o, v->yes); return;
	case JSON_NUMBER: json_out_digits(o, v->text); return;
	case JSON_STRING: json_out_str(o, v->text); return;
	case JSON_ARRAY:
	case JSON_OBJECT: break;
	}
	json_out_open(o, v->type);
	for (const struct json *c = v->first; c; c = c->next) {
		if (v->type == JSON_OBJECT)
			json_out_key(o, c->key);
		json_out_tree(o, c);
	}
	json_out_close(o, v->type);
}

const char *json_out_text(struct json_out *o, size_t *len)
{
	if (len)
		*len = o->text.len;
	return text_str(&o->text);
}

const char *json_shown(char out[JSON_SHOWN], const char *s)
{
	static const char more[] = "…";
	size_t n = 0;

	for (; s[n] && n < JSON_SHOWN - sizeof(more); n++)
		out[n] = (unsigned char)s[n] < ' ' || s[n] == 0x7f ? '?' : s[n];
	if (s[n]) {
		while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;
		memcpy(out + n, more, sizeof(more));
	} else {
		out[n] = 0;
	}
	return out;
}
