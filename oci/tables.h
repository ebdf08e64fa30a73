/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_TABLES_H
#define OCI_TABLES_H
/* What the tables of the document's branches share; nothing outside oci/ includes it. */
#include "oci/spec.h"

extern const struct object oci_root_object, oci_mount_object, oci_hooks_object, oci_linux_object, oci_kist_object;
extern const struct object oci_mapping_object;

/* The largest valid uid or gid: (uid_t)-1 means "leave alone" to the kernel. */
#define OCI_ID_MAX (UINT32_MAX - 1)
#define F_ID(S, m, key, fl) F_U32_IN(S, m, key, fl, 0, OCI_ID_MAX)

/* Size, overlap and number of an id map's lines; `key` is its name in v. */
int oci_check_mappings(const oci_mappings *m, const struct json *v, const char *key, struct err *e);
/* NAME=VALUE with a name. */
int oci_check_env(const strings *env, const struct json *v, struct err *e);
#endif
