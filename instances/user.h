/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_USER_H
#define INSTANCES_USER_H
/*
 * USER[:GROUP], as an image or a person says it, into numbers.  Names are looked up in the image's own /etc/passwd and
 * /etc/group, which are a stranger's: what is all digits is a number and never a name, numbers are strict, a line that
 * is not well formed counts as absent (CVE-2016-3697, -2024-40635, -2026-46680).
 */
#include "oci/spec.h"
#include "runtime/container.h"
#include "storage/view.h"

struct inst_user {
	struct oci_user ids;
	const char *home; /* never NULL */
};

/* `user` NULL or empty: root.  `groups` are supplementary ones, by name or number, of --group-add. */
int inst_user_find(struct arena *a, const struct st_view *root, const char *user, const strings *groups,
		   struct inst_user *out, struct err *e);
/* The same in a container that runs, by what it has in these files now. */
int inst_user_inside(const struct ct_ctx *c, const char *id, const char *user, struct inst_user *out, struct err *e);
#endif
