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
		else
			memcpy(to, from, slot_size(f));
	}
}
