/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/bind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static inline const char *fuzz_once(struct arena *a, const struct object *o, const char *text, size_t len,
				    size_t *out)
{
	void *value = arena_alloc(a, o->size);
	struct err e;

	if (oci_decode_text(a, o, "document", text, len, value, &e) < 0) {
		if (memchr(e.msg, '\n', strlen(e.msg)))
			abort();
		return NULL;
	}
	return oci_encode_text(a, o, value, JSON_PRETTY, out);
}

/* What is accepted once is accepted again as the encoder wrote it, and then no longer changes. */
static inline void fuzz_fixed_point(const struct object *o, const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	size_t n, m;
	const char *first = fuzz_once(&a, o, (const char *)data, len, &n), *second;

	if (!first)
		return;
	second = fuzz_once(&a, o, first, n, &m);
	if (!second)
		abort();
	if (n != m || memcmp(first, second, n))
		abort();
}
#endif
