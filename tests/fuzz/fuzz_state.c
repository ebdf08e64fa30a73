/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state and features documents, and sysctl names, which share the corpus' bytes. */
#include "fuzz.h"
#include "oci/features.h"
#include "oci/spec.h"
#include "oci/state.h"

static void sysctl(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	char file[OCI_SYSCTL_MAX];

	if (oci_sysctl_file(arena_strndup(&a, (const char *)data, len), file, sizeof(file)) &&
	    (!*file || *file == '/' || strstr(file, "//") || !strncmp(file, "../", 3) ||
	     strstr(file, "/../")))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_fixed_point(&oci_state_object, data, len);
	fuzz_fixed_point(&oci_features_object, data, len);
	sysctl(data, len);
	return 0;
}
