/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_FEATURES_H
#define OCI_FEATURES_H
/*
 * The OCI features document (features.md, features-linux.md): what `features` prints.  runtime/ fills it.
 * An "enabled" that is not known stays NULL.
 */
#include "oci/bind.h"

struct oci_features_cgroup {
	const bool *v1, *v2, *systemd, *systemd_user, *rdma;
};

struct oci_features_seccomp {
	const bool *enabled;
	strings actions, operators, archs, known_flags, supported_flags;
};

struct oci_features_switch {
	const bool *enabled;
};

struct oci_features_mount_extensions {
	const struct oci_features_switch *idmap;
};

struct oci_features_linux {
	strings namespaces, capabilities;
	const struct oci_features_cgroup *cgroup;
	const struct oci_features_seccomp *seccomp;
	const struct oci_features_switch *apparmor, *selinux, *intel_rdt;
	const struct oci_features_mount_extensions *mount_extensions;
	const struct oci_features_switch *net_devices;
};

struct oci_features {
	const char *version_min, *version_max;
	strings hooks, mount_options;
	const struct oci_features_linux *linux_;
	pairs annotations;
	strings unsafe_annotations;
};
extern const struct object oci_features_object;
#endif
