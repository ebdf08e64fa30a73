/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CAPS_H
#define RUNTIME_CAPS_H
/*
 * Capabilities (capabilities(7)) by name, and the five sets as masks.  The names are a table of our own:
 * libcap's constructor costs seven system calls in every process, and all it would give is this table.
 */
#include "base/err.h"
#include "base/text.h"
#include "oci/spec.h"

struct caps {
	uint64_t bounding, permitted, effective, inheritable, ambient;
};

extern const struct word cap_words[]; /* CAP_CHOWN … to number, ascending */

/* An unknown name is an error that says where it stands; names must be spelled as the specification does. */
int caps_plan(const struct oci_capabilities *in, struct caps *out, struct err *e);
void caps_explain(const struct caps *c, struct text *out);

/* Gives up every capability of the caller that is not in `keep`. */
int caps_shrink(uint64_t keep, struct err *e);
/* In the child.  First the bounding set, while CAP_SETPCAP is still effective … */
int caps_drop_bounding(const struct caps *c, struct err *e);
/* … and last, after the change of user (PR_SET_KEEPCAPS kept the permitted set over it). */
int caps_set(const struct caps *c, struct err *e);
#endif
