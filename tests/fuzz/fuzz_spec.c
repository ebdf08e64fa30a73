/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.json: whatever is accepted is a fixed point of decode → encode, and judging it breaks nothing. */
#include "fuzz.h"
#include "oci/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	struct oci_spec s = { 0 };
	struct err e;

	fuzz_fixed_point(&oci_spec_object, data, len);
	if (oci_parse_spec(&a, "config.json", (const char *)data, len, &s, &e) == 0 &&
	    oci_check_spec(&s, NULL, NULL) < 0)
		abort();
	return 0;
}
