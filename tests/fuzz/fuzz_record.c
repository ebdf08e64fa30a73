/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a container, which an older or a newer kist may have written, or a power cut cut short. */
#include "fuzz.h"
#include "runtime/record.c" /* its table is its own */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	struct ct_record r = { .id = "c1", .bundle = "" };

	fuzz_fixed_point(&record_object, data, len);
	if (oci_decode_text(&a, &record_object, RECORD, (const char *)data, len, &r, NULL) == 0 &&
	    (!r.id || !r.bundle || record_namespaces(&r) & ~0x7e020080))
		abort();
	return 0;
}
