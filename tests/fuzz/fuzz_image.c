/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The documents of images, and the names that people give them. */
#include "fuzz.h"
#include "oci/image.h"
#include "storage/reference.h"

/* What is taken is taken again as it is written, and is fit for the index and for a path. */
static void reference(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	struct st_reference r, again;
	const char *text;

	if (st_reference_parse(&a, arena_strndup(&a, (const char *)data, len), &r, NULL) < 0)
		return;
	text = st_reference_text(&a, &r);
	if (st_reference_parse(&a, text, &again, NULL) < 0 || strcmp(text, st_reference_text(&a, &again)) != 0)
		abort();
	if (strstr(r.name, "..") || *r.name == '/' || (r.digest && !st_is_digest(r.digest)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_fixed_point(&oci_image_index_object, data, len);
	fuzz_fixed_point(&oci_image_manifest_object, data, len);
	fuzz_fixed_point(&oci_image_config_object, data, len);
	fuzz_fixed_point(&oci_docker_save_object, data, len);
	reference(data, len);
	return 0;
}
