/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oci/features.h"

#include "oci/tables.h"

#define S struct oci_features_cgroup
static const struct field cgroup_fields[] = {
	F_OPT_BOOL(S, v1, "v1"),
	F_OPT_BOOL(S, v2, "v2"),
	F_OPT_BOOL(S, systemd, "systemd"),
	F_OPT_BOOL(S, systemd_user, "systemdUser"),
	F_OPT_BOOL(S, rdma, "rdma"),
};
static const struct object cgroup = OBJECT(S, cgroup_fields, NULL);
#undef S

#define S struct oci_features_seccomp
static const struct field seccomp_fields[] = {
	F_OPT_BOOL(S, enabled, "enabled"),
	F_TOKENS(S, actions, "actions", oci_seccomp_actions),
	F_TOKENS(S, operators, "operators", oci_seccomp_ops),
	F_TOKENS(S, archs, "archs", oci_seccomp_archs),
	F_TOKENS(S, known_flags, "knownFlags", oci_seccomp_flags),
	F_TOKENS(S, supported_flags, "supportedFlags", oci_seccomp_flags),
};
static const struct object seccomp = OBJECT(S, seccomp_fields, NULL);
#undef S

#define S struct oci_features_switch
static const struct field switch_fields[] = {
	F_OPT_BOOL(S, enabled, "enabled"),
};
static const struct object switch_ = OBJECT(S, switch_fields, NULL);
#undef S

#define S struct oci_features_mount_extensions
static const struct field mount_fields[] = {
	F_OBJ(S, idmap, struct oci_features_switch, "idmap", 0, &switch_),
};
static const struct object mount_extensions = OBJECT(S, mount_fields, NULL);
#undef S

#define S struct oci_features_linux
static const struct field linux_fields[] = {
	F_TOKENS(S, namespaces, "namespaces", oci_namespace_words),
	F_STRS(S, capabilities, "capabilities", 0),
	F_OBJ(S, cgroup, struct oci_features_cgroup, "cgroup", 0, &cgroup),
	F_OBJ(S, seccomp, struct oci_features_seccomp, "seccomp", 0, &seccomp),
	F_OBJ(S, apparmor, struct oci_features_switch, "apparmor", 0, &switch_),
	F_OBJ(S, selinux, struct oci_features_switch, "selinux", 0, &switch_),
	F_OBJ(S, intel_rdt, struct oci_features_switch, "intelRdt", 0, &switch_),
	F_OBJ(S, mount_extensions, struct oci_features_mount_extensions, "mountExtensions", 0,
	      &mount_extensions),
	F_OBJ(S, net_devices, struct oci_features_switch, "netDevices", 0, &switch_),
};
static const struct object linux_object = OBJECT(S, linux_fields, NULL);
#undef S

#define S struct oci_features
static const struct field features_fields[] = {
	F_STR(S, version_min, "ociVersionMin", REQUIRED),
	F_STR(S, version_max, "ociVersionMax", REQUIRED),
	F_STRS(S, hooks, "hooks", 0),
	F_STRS(S, mount_options, "mountOptions", 0),
	F_OBJ(S, linux_, struct oci_features_linux, "linux", 0, &linux_object),
	F_MAP(S, annotations, "annotations"),
	F_STRS(S, unsafe_annotations, "potentiallyUnsafeConfigAnnotations", 0),
};
const struct object oci_features_object = OBJECT(S, features_fields, NULL);
#undef S
