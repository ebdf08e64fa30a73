/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_REFERENCE_H
#define STORAGE_REFERENCE_H
/* What people call an image: NAME[:TAG][@DIGEST], where NAME may begin with a registry's HOST[:PORT]/. */
#include "oci/image.h"

struct st_reference {
	const char *name, *tag, *digest; /* the tag is "latest" when neither is given; else NULL when absent */
};
enum { ST_REFERENCE_MAX = 512 };

int st_reference_parse(struct arena *a, const char *text, struct st_reference *out, struct err *e);
const char *st_reference_text(struct arena *a, const struct st_reference *r);

static inline bool st_is_digest(const char *s)
{
	return oci_is_digest(s);
}
#endif
