/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec --process FILE, and the resources that `update` reads. */
#include "fuzz.h"
#include "oci/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_fixed_point(&oci_process_object, data, len);
	fuzz_fixed_point(&oci_resources_object, data, len);
	return 0;
}
