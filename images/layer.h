/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_LAYER_H
#define IMAGES_LAYER_H
#include "oci/bind.h"

/* layer.json: what is known of an unpacked layer without walking it. */
struct img_layer_note {
	const char *diff_id;
	uint64_t size, entries; /* of file contents; of the archive */
	uint64_t implied;	/* directories that the archive used but did not describe */
};
extern const struct object img_layer_note_object;
#endif
