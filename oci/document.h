/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_DOCUMENT_H
#define OCI_DOCUMENT_H
/* The halves of oci_decode_file(), for those that need the tree or the text as well. */
#include "oci/bind.h"

int oci_read(struct arena *a, const char *path, const char **text, size_t *len, struct err *e);
int oci_tree(struct arena *a, const char *name, const char *text, size_t len, struct json **out,
	     struct err *e);
#endif
