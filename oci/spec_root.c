/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "root" and "mounts": config.md, "Root" and "Mounts". */
#include <errno.h>
#include <string.h>

#include "oci/tables.h"

static int check_root(const void *p, const struct json *v, struct err *e)
{
	const struct oci_root *r = p;

	return *r->path ? 0 : oci_bad_key(v, "path", e, "the path is empty");
}

#define S struct oci_root
static const struct field root_fields[] = {
	F_STR(S, path, "path", REQUIRED),
	F_BOOL(S, readonly, "readonly", 0),
};
const struct object oci_root_object = OBJECT(S, root_fields, check_root);
#undef S

static bool has_option(const struct oci_mount *m, const char *word)
{
	for (size_t i = 0; i < m->options.len; i++)
		if (!strcmp(m->options.at[i], word))
			return true;
	return false;
}

/* "remount" with "bind" is mount(8)'s word for the mount alone, which is there already. */
static bool is_bind(const struct oci_mount *m)
{
	if (has_option(m, "remount"))
		return false;
	return has_option(m, "bind") || has_option(m, "rbind") || (m->type && !strcmp(m->type, "bind"));
}

static int check_mount(const void *p, const struct json *v, struct err *e)
{
	const struct oci_mount *m = p;
	int r;

	if (!*m->destination)
		return oci_bad_key(v, "destination", e, "the path is empty");
	if (is_bind(m) && (!m->source || !*m->source))
		return oci_bad_key(v, "source", e, "a bind mount needs a source");
	if (!m->uid_mappings.len != !m->gid_mappings.len)
		return oci_bad_key(v, m->uid_mappings.len ? "uidMappings" : "gidMappings", e,
				   "an id-mapped mount needs both uidMappings and gidMappings");
	r = oci_check_mappings(&m->uid_mappings, v, "uidMappings", e);
	return r < 0 ? r : oci_check_mappings(&m->gid_mappings, v, "gidMappings", e);
}

#define S struct oci_mount
static const struct field mount_fields[] = {
	F_STR(S, destination, "destination", REQUIRED),
	F_STR(S, type, "type", 0),
	F_STR(S, source, "source", 0),
	F_STRS(S, options, "options", 0),
	F_LIST(S, uid_mappings, struct oci_mapping, "uidMappings", &oci_mapping_object),
	F_LIST(S, gid_mappings, struct oci_mapping, "gidMappings", &oci_mapping_object),
};
const struct object oci_mount_object = OBJECT(S, mount_fields, check_mount);
#undef S
