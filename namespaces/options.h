/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NAMESPACES_OPTIONS_H
#define NAMESPACES_OPTIONS_H
/*
 * The words of mount options (mount(8), OCI config-linux.md), each said once.  Decoded when the plan is
 * made; nothing later reads an option as text.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "oci/spec.h"

struct mnt_options {
	uint64_t set, clear;	     /* MOUNT_ATTR_* of this mount */
	uint64_t rec_set, rec_clear; /* of it and everything below: rro, rnosuid … */
	uint64_t propagation;	     /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE or 0 */
	bool rec_propagation;
	bool bind, recursive, remount;
	bool idmap, rec_idmap;
	bool copy_up;
	strings data; /* what is left: passed to the file system as key or key=value */
};

int mnt_options_parse(struct arena *a, const strings *words, struct mnt_options *out, struct err *e);
/* All known words, ascending, for the features document. */
strings mnt_option_words(struct arena *a);
#endif
