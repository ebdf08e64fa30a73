/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "oci/bind.h"

static void put(const struct field *f, const void *p, struct json_out *w);

static void put_number(const struct field *f, const void *p, struct json_out *w)
{
	switch (f->kind) {
	case K_I64:
		json_out_i64(w, *(const int64_t *)p);
		return;
	case K_I32:
		json_out_i64(w, *(const int32_t *)p);
		return;
	case K_U64:
		json_out_u64(w, *(const uint64_t *)p);
		return;
	case K_U32:
		json_out_u64(w, *(const uint32_t *)p);
		return;
	case K_U16:
		json_out_u64(w, *(const uint16_t *)p);
		return;
	case K_BOOL:
	case K_STR:
	case K_WORD:
	case K_TOKEN:
	case K_OBJ:
		return;
	}
}

static void put(const struct field *f, const void *p, struct json_out *w)
{
	const char *name;

	if (f->kind == K_BOOL) {
		json_out_bool(w, *(const bool *)p);
	} else if (f->kind == K_STR || f->kind == K_TOKEN) {
		json_out_str(w, *(const char *const *)p);
	} else if (f->kind == K_OBJ) {
		oci_encode(f->arg, p, w);
	} else if (f->kind == K_WORD) {
		name = word_name(f->arg, *(const int *)p);
		json_out_str(w, name ? name : "?");
	} else {
		put_number(f, p, w);
	}
}

bool oci_absent(const struct field *f, const void *slot)
{
	if (f->shape == OPT)
		return !*(void *const *)slot;
	if (f->shape == LIST || f->shape == MAP)
		return !((const struct any_list *)slot)->len && !(f->flags & REQUIRED);
	if (f->kind == K_STR || f->kind == K_TOKEN)
		return !*(const char *const *)slot;
	return f->kind == K_BOOL && !*(const bool *)slot && !(f->flags & REQUIRED);
}

static void put_many(const struct field *f, const struct any_list *l, struct json_out *w)
{
	bool map = f->shape == MAP;
	size_t step = oci_step(f);

	json_out_open(w, map ? JSON_OBJECT : JSON_ARRAY);
	for (size_t i = 0; i < l->len; i++) {
		const void *item = (const char *)l->at + i * step;

		if (map)
			json_out_key(w, *(const char *const *)item);
		if (map && f->kind == K_STR)
			put(f, &((const struct pair *)item)->value, w);
		else
			put(f, item, w);
	}
	json_out_close(w, map ? JSON_OBJECT : JSON_ARRAY);
}

static bool has_row(const struct object *o, const char *key)
{
	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->fields[i].key, key))
			return true;
	return false;
}

static void put_field(const struct field *f, const void *slot, const struct json *from, struct json_out *w)
{
	json_out_key(w, f->key);
	if (f->shape == LIST || f->shape == MAP)
		put_many(f, slot, w);
	else if (f->shape == OPT && f->kind == K_OBJ)
		oci_encode_over(f->arg, *(const void *const *)slot, json_get(from, f->key), w);
	else
		put(f, f->shape == OPT ? *(const void *const *)slot : slot, w);
}

void oci_encode_over(const struct object *o, const void *in, const struct json *from, struct json_out *w)
{
	json_out_open(w, JSON_OBJECT);
	for (size_t i = 0; i < o->n; i++) {
		const void *slot = (const char *)in + o->fields[i].offset;

		if (!oci_absent(&o->fields[i], slot))
			put_field(&o->fields[i], slot, from, w);
	}
	for (const struct json *v = from ? from->first : NULL; v; v = v->next) {
		if (has_row(o, v->key))
			continue;
		json_out_key(w, v->key);
		json_out_tree(w, v);
	}
	json_out_close(w, JSON_OBJECT);
}

void oci_encode(const struct object *o, const void *in, struct json_out *w)
{
	oci_encode_over(o, in, NULL, w);
}
