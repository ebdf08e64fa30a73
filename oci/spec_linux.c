/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The "linux" branch without resources and seccomp: config-linux.md. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/text.h"
#include "oci/tables.h"

const struct word oci_namespace_words[] = {
	{ "pid", CLONE_NEWPID },
	{ "network", CLONE_NEWNET },
	{ "mount", CLONE_NEWNS },
	{ "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },
	{ "user", CLONE_NEWUSER },
	{ "cgroup", CLONE_NEWCGROUP },
	{ "time", CLONE_NEWTIME },
	{ NULL, 0 },
};

static const struct word device_types[] = {
	{ "c", 'c' }, { "b", 'b' }, { "u", 'u' }, { "p", 'p' }, { NULL, 0 },
};

/* The r-prefixed words are runc's; both mean the whole tree there.  Encoding takes the first. */
static const struct word propagation_words[] = {
	{ "shared", MS_SHARED },
	{ "slave", MS_SLAVE },
	{ "private", MS_PRIVATE },
	{ "unbindable", MS_UNBINDABLE },
	{ "rshared", MS_SHARED },
	{ "rslave", MS_SLAVE },
	{ "rprivate", MS_PRIVATE },
	{ "runbindable", MS_UNBINDABLE },
	{ NULL, 0 },
};

static const struct word domain_words[] = { { "LINUX", PER_LINUX }, { "LINUX32", PER_LINUX32 }, { NULL, 0 } };

enum { WEIGHTED_INTERLEAVE = 6 }; /* MPOL_WEIGHTED_INTERLEAVE, Linux 6.9 */

static const struct word policy_modes[] = {
	{ "MPOL_DEFAULT", MPOL_DEFAULT },
	{ "MPOL_BIND", MPOL_BIND },
	{ "MPOL_INTERLEAVE", MPOL_INTERLEAVE },
	{ "MPOL_WEIGHTED_INTERLEAVE", WEIGHTED_INTERLEAVE },
	{ "MPOL_PREFERRED", MPOL_PREFERRED },
	{ "MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY },
	{ "MPOL_LOCAL", MPOL_LOCAL },
	{ NULL, 0 },
};

static const struct word policy_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES },
	{ NULL, 0 },
};

static int check_namespace(const void *p, const struct json *v, struct err *e)
{
	const struct oci_namespace *n = p;
	char shown[JSON_SHOWN];

	/* Go engines write "path": "" for a new namespace. */
	if (n->path && *n->path && *n->path != '/')
		return oci_bad_key(v, "path", e, "\"%s\" is not an absolute path",
				   json_shown(shown, n->path));
	return 0;
}

#define S struct oci_namespace
static const struct field namespace_fields[] = {
	F_WORD(S, type, "type", REQUIRED, oci_namespace_words),
	F_STR(S, path, "path", 0),
};
static const struct object namespace_ = OBJECT(S, namespace_fields, check_namespace);
#undef S

#define S struct oci_mapping
static const struct field mapping_fields[] = {
	F_U32(S, container, "containerID", REQUIRED),
	F_U32(S, host, "hostID", REQUIRED),
	F_U32(S, size, "size", REQUIRED),
};
const struct object oci_mapping_object = OBJECT(S, mapping_fields, NULL);
#undef S

#define S struct oci_time_offset
static const struct field time_offset_fields[] = {
	F_OPT_I64(S, secs, "secs"),
	F_OPT_U32_IN(S, nanosecs, "nanosecs", 0, 999999999),
};
static const struct object time_offset = OBJECT(S, time_offset_fields, NULL);
#undef S

#define S struct oci_time_offsets
static const struct field time_offsets_fields[] = {
	F_OBJ(S, boottime, struct oci_time_offset, "boottime", 0, &time_offset),
	F_OBJ(S, monotonic, struct oci_time_offset, "monotonic", 0, &time_offset),
};
static const struct object time_offsets = OBJECT(S, time_offsets_fields, NULL);
#undef S

static int check_device(const void *p, const struct json *v, struct err *e)
{
	const struct oci_device *d = p;
	char shown[JSON_SHOWN];

	if (d->path[0] != '/')
		return oci_bad_key(v, "path", e, "\"%s\" is not an absolute path",
				   json_shown(shown, d->path));
	if (d->file_mode && (*d->file_mode & ~(uint32_t)S_IFMT) > 07777)
		return oci_bad_key(v, "fileMode", e, "%u is out of range, expected 0 to 4095 (octal 7777)",
				   *d->file_mode);
	if (d->type != 'p' && !d->major)
		return oci_bad_key(v, "major", e, "missing: only a FIFO (type \"p\") has no numbers");
	if (d->type != 'p' && !d->minor)
		return oci_bad_key(v, "minor", e, "missing: only a FIFO (type \"p\") has no numbers");
	return 0;
}

#define S struct oci_device
static const struct field device_fields[] = {
	F_WORD(S, type, "type", REQUIRED, device_types),
	F_STR(S, path, "path", REQUIRED),
	F_OPT_I64_IN(S, major, "major", 0, (1 << 12) - 1),
	F_OPT_I64_IN(S, minor, "minor", 0, (1 << 20) - 1),
	F_OPT_U32(S, file_mode, "fileMode"),
	F_OPT_U32_IN(S, uid, "uid", 0, OCI_ID_MAX),
	F_OPT_U32_IN(S, gid, "gid", 0, OCI_ID_MAX),
};
static const struct object device = OBJECT(S, device_fields, check_device);
#undef S

static int by_path(const void *x, const void *y)
{
	const struct oci_device *const *a = x, *const *b = y;
	int r = strcmp((*a)->path, (*b)->path);

	return r ? r : (*a > *b) - (*a < *b);
}

static int check_device_paths(const struct oci_linux *l, const struct json *v, struct err *e)
{
	auto_arena scratch = { 0 };
	const struct oci_device **sorted = arena_array(&scratch, l->devices.len, sizeof(*sorted));
	char shown[JSON_SHOWN];

	for (size_t i = 0; i < l->devices.len; i++)
		sorted[i] = &l->devices.at[i];
	if (l->devices.len)
		qsort(sorted, l->devices.len, sizeof(*sorted), by_path);
	for (size_t i = 1; i < l->devices.len; i++)
		if (!strcmp(sorted[i - 1]->path, sorted[i]->path))
			return oci_bad_item(v, "devices", (size_t)(sorted[i] - l->devices.at), e,
					    "%s is given twice", json_shown(shown, sorted[i]->path));
	return 0;
}

static int check_absolute(const strings *paths, const char *key, const struct json *v, struct err *e)
{
	char shown[JSON_SHOWN];

	for (size_t i = 0; i < paths->len; i++)
		if (paths->at[i][0] != '/')
			return oci_bad_item(v, key, i, e, "\"%s\" is not an absolute path",
					    json_shown(shown, paths->at[i]));
	return 0;
}

/* The kernel's rule; "all" and "default" are the names of sysctls beside those of interfaces. */
bool oci_is_link_name(const char *s)
{
	size_t n = strlen(s);

	return n && n < 16 && !s[strcspn(s, "/ \t\n\v\f\r")] && strcmp(s, ".") && strcmp(s, "..") &&
	       !strchr(s, ':') && strcmp(s, "all") && strcmp(s, "default");
}

static int check_net_device(const void *p, const struct json *v, struct err *e)
{
	const struct oci_net_device *d = p;
	char shown[JSON_SHOWN];

	if (!oci_is_link_name(d->host))
		return oci_bad(v, e, "\"%s\" is not the name of a network interface",
			       json_shown(shown, d->host));
	if (d->name && *d->name && (!oci_is_link_name(d->name) || strchr(d->name, '%')))
		return oci_bad_key(v, "name", e, "\"%s\" is not a name for a network interface",
				   json_shown(shown, d->name));
	return 0;
}

#define S struct oci_net_device
static const struct field net_device_fields[] = {
	F_STR(S, name, "name", 0),
};
static const struct object net_device = OBJECT(S, net_device_fields, check_net_device);
#undef S

static int check_intel_rdt(const void *p, const struct json *v, struct err *e)
{
	const struct oci_intel_rdt *r = p;
	const char *id = r->clos_id;

	if (id && (!strcmp(id, ".") || !strcmp(id, "..") || strchr(id, '/') || strchr(id, '\n')))
		return oci_bad_key(v, "closID", e, "not the name of a directory");
	if (r->mem_bw_schema && (strncmp(r->mem_bw_schema, "MB:", 3) || strchr(r->mem_bw_schema, '\n')))
		return oci_bad_key(v, "memBwSchema", e, "expected one line that starts with \"MB:\"");
	return 0;
}

#define S struct oci_intel_rdt
static const struct field intel_rdt_fields[] = {
	F_STR(S, clos_id, "closID", 0),
	F_STRS(S, schemata, "schemata", 0),
	F_STR(S, l3_cache_schema, "l3CacheSchema", 0),
	F_STR(S, mem_bw_schema, "memBwSchema", 0),
	F_BOOL(S, enable_monitoring, "enableMonitoring", 0),
};
static const struct object intel_rdt = OBJECT(S, intel_rdt_fields, check_intel_rdt);
#undef S

/* set_mempolicy(2): which modes take nodes, and which flags go together. */
static int check_memory_policy(const void *p, const struct json *v, struct err *e)
{
	const struct oci_memory_policy *m = p;
	bool nodeless = m->mode == MPOL_DEFAULT || m->mode == MPOL_LOCAL;
	bool nodes = m->nodes && *m->nodes;
	int flags = 0;

	for (size_t i = 0; i < m->flags.len; i++)
		flags |= m->flags.at[i];
	if (m->nodes && !text_bits(m->nodes, NULL))
		return oci_bad_key(v, "nodes", e,
				   "not a list of memory nodes, expected a form like \"0-3,7\"");
	if (nodeless && nodes)
		return oci_bad_key(v, "nodes", e, "%s takes no nodes", word_name(policy_modes, m->mode));
	if (!nodeless && !nodes && m->mode != MPOL_PREFERRED)
		return oci_bad_key(v, "nodes", e, "%s needs nodes", word_name(policy_modes, m->mode));
	if ((flags & MPOL_F_STATIC_NODES) && (flags & MPOL_F_RELATIVE_NODES))
		return oci_bad_key(v, "flags", e,
				   "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other");
	if (flags && (nodeless || !nodes))
		return oci_bad_key(v, "flags", e, "flags need nodes");
	if ((flags & MPOL_F_NUMA_BALANCING) && m->mode != MPOL_BIND && m->mode != MPOL_PREFERRED_MANY)
		return oci_bad_key(v, "flags", e,
				   "MPOL_F_NUMA_BALANCING needs MPOL_BIND or MPOL_PREFERRED_MANY");
	return 0;
}

#define S struct oci_memory_policy
static const struct field memory_policy_fields[] = {
	F_WORD(S, mode, "mode", REQUIRED, policy_modes),
	F_STR(S, nodes, "nodes", 0),
	F_WORDS(S, flags, "flags", policy_flags),
};
static const struct object memory_policy = OBJECT(S, memory_policy_fields, check_memory_policy);
#undef S

static int check_personality(const void *p, const struct json *v, struct err *e)
{
	const struct oci_personality *o = p;

	return o->flags.len ? oci_bad_key(v, "flags", e, "no flag is defined, expected an empty list") : 0;
}

#define S struct oci_personality
static const struct field personality_fields[] = {
	F_WORD(S, domain, "domain", REQUIRED, domain_words),
	F_STRS(S, flags, "flags", 0),
};
static const struct object personality_ = OBJECT(S, personality_fields, check_personality);
#undef S

static int check_linux(const void *p, const struct json *v, struct err *e)
{
	const struct oci_linux *l = p;
	unsigned seen = 0;
	int r = oci_check_mappings(&l->uid_mappings, v, "uidMappings", e);

	if (!r)
		r = oci_check_mappings(&l->gid_mappings, v, "gidMappings", e);
	for (size_t i = 0; !r && i < l->namespaces.len; i++) {
		int type = l->namespaces.at[i].type;

		if (seen & (unsigned)type)
			r = oci_bad_item(v, "namespaces", i, e, "the %s namespace is given twice",
					 word_name(oci_namespace_words, type));
		seen |= (unsigned)type;
	}
	if (!r)
		r = check_device_paths(l, v, e);
	if (!r)
		r = check_absolute(&l->masked_paths, "maskedPaths", v, e);
	return r ? r : check_absolute(&l->readonly_paths, "readonlyPaths", v, e);
}

#define S struct oci_linux
static const struct field linux_fields[] = {
	F_LIST(S, namespaces, struct oci_namespace, "namespaces", &namespace_),
	F_LIST(S, uid_mappings, struct oci_mapping, "uidMappings", &oci_mapping_object),
	F_LIST(S, gid_mappings, struct oci_mapping, "gidMappings", &oci_mapping_object),
	F_OBJ(S, time_offsets, struct oci_time_offsets, "timeOffsets", 0, &time_offsets),
	F_LIST(S, devices, struct oci_device, "devices", &device),
	F_OBJ_MAP(S, net_devices, struct oci_net_device, "netDevices", &net_device),
	F_STR(S, cgroups_path, "cgroupsPath", 0),
	F_OBJ(S, resources, struct oci_resources, "resources", 0, &oci_resources_object),
	F_OBJ(S, intel_rdt, struct oci_intel_rdt, "intelRdt", 0, &intel_rdt),
	F_OBJ(S, memory_policy, struct oci_memory_policy, "memoryPolicy", 0, &memory_policy),
	F_MAP(S, sysctl, "sysctl"),
	F_OBJ(S, seccomp, struct oci_seccomp, "seccomp", 0, &oci_seccomp_object),
	F_OPT_WORD(S, rootfs_propagation, "rootfsPropagation", propagation_words),
	F_STRS(S, masked_paths, "maskedPaths", 0),
	F_STRS(S, readonly_paths, "readonlyPaths", 0),
	F_STR(S, mount_label, "mountLabel", 0),
	F_OBJ(S, personality, struct oci_personality, "personality", 0, &personality_),
};
const struct object oci_linux_object = OBJECT(S, linux_fields, check_linux);
#undef S
