/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document's top: config.md. */
#include <string.h>

#include "oci/tables.h"

enum { UTS_NAME_MAX = 64 }; /* __NEW_UTS_LEN */

static int check_spec(const void *p, const struct json *v, struct err *e)
{
	const struct oci_spec *s = p;

	for (size_t i = 0; i < s->annotations.len; i++)
		if (!*s->annotations.at[i].key)
			return oci_bad_entry(v, "annotations", "", e, "the key is empty");
	if (s->hostname && strlen(s->hostname) > UTS_NAME_MAX)
		return oci_bad_key(v, "hostname", e, "longer than the %d bytes that Linux allows",
				   UTS_NAME_MAX);
	if (s->domainname && strlen(s->domainname) > UTS_NAME_MAX)
		return oci_bad_key(v, "domainname", e, "longer than the %d bytes that Linux allows",
				   UTS_NAME_MAX);
	return 0;
}

#define S struct oci_spec
static const struct field spec_fields[] = {
	F_STR(S, version, "ociVersion", REQUIRED),
	F_OBJ(S, process, struct oci_process, "process", 0, &oci_process_object),
	F_OBJ(S, root, struct oci_root, "root", 0, &oci_root_object),
	F_STR(S, hostname, "hostname", 0),
	F_STR(S, domainname, "domainname", 0),
	F_LIST(S, mounts, struct oci_mount, "mounts", &oci_mount_object),
	F_OBJ(S, hooks, struct oci_hooks, "hooks", 0, &oci_hooks_object),
	F_MAP(S, annotations, "annotations"),
	F_OBJ(S, linux_, struct oci_linux, "linux", 0, &oci_linux_object),
	F_OBJ(S, kist, struct oci_kist, "kist", 0, &oci_kist_object),
};
const struct object oci_spec_object = OBJECT(S, spec_fields, check_spec);
#undef S
