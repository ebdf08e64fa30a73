/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "oci/bind.h"

static size_t slot_size(const struct field *f)
{
	if (f->shape == OPT)
		return sizeof(void *);
	return f->shape == ONE ? oci_step(f) : sizeof(struct any_list);
}

static void overlay_object(struct arena *a, const struct object *o, void **base, const void *over)
{
	void *copy = arena_alloc(a, o->size);

	memcpy(copy, *base, o->size);
	oci_overlay(a, o, copy, over);
	*base = copy;
}

static bool same(const struct field *f, const void *x, const void *y)
{
	if (f->flags & BY_DEVICE)
		return !memcmp(x, y, 2 * sizeof(int64_t));
	return !strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void *find(const struct field *f, const struct any_list *l, const void *entry)
{
	size_t step = oci_step(f);

	for (size_t i = 0; i < l->len; i++)
		if (same(f, (char *)l->at + i * step, entry))
			return (char *)l->at + i * step;
	return NULL;
}

static void overlay_entries(struct arena *a, const struct field *f, struct any_list *base, const struct any_list *over)
{
	size_t step = oci_step(f);
	struct any_list all = { arena_array(a, base->len + over->len + 1, step), base->len };

	if (base->len)
		memcpy(all.at, base->at, base->len * step);
	for (size_t i = 0; i < over->len; i++) {
		const void *entry = (char *)over->at + i * step;
		void *old = find(f, &all, entry);

		memcpy(old ? old : (char *)all.at + all.len++ * step, entry, step);
	}
	*base = all;
}

void oci_overlay(struct arena *a, const struct object *o, void *base, const void *over)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct field *f = &o->fields[i];
		void *to = (char *)base + f->offset;
		const void *from = (const char *)over + f->offset;

		if (oci_absent(f, from))
			continue;
		if (f->kind == K_OBJ && f->shape == OPT && !oci_absent(f, to))
			overlay_object(a, f->arg, to, *(const void *const *)from);
		else if (f->shape == MAP || f->flags & (BY_NAME | BY_DEVICE))
			overlay_entries(a, f, to, from);
		else
			memcpy(to, from, slot_size(f));
	}
}
