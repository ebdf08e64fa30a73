/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oci/state.h"

#define S struct oci_state
static const struct field state_fields[] = {
	F_STR(S, version, "ociVersion", REQUIRED),
	F_STR(S, id, "id", REQUIRED),
	F_OPT_I64_IN(S, pid, "pid", 0, INT32_MAX),
	F_STR(S, status, "status", REQUIRED),
	F_STR(S, bundle, "bundle", REQUIRED),
	F_STR(S, rootfs, "rootfs", 0),
	F_STR(S, created, "created", 0),
	F_MAP(S, annotations, "annotations"),
	F_STR(S, owner, "owner", 0),
	F_STR(S, image, "image", 0),
	F_OPT_I64_IN(S, exit_code, "exitCode", 0, 255),
	F_STR(S, finished, "finished", 0),
	F_BOOL(S, oom_killed, "oomKilled", 0),
};
const struct object oci_state_object = OBJECT(S, state_fields, NULL);
#undef S

#define S struct oci_process_state
static const struct field process_state_fields[] = {
	F_STR(S, version, "ociVersion", REQUIRED),
	F_STRS(S, fds, "fds", 0),
	F_I64(S, pid, "pid", REQUIRED),
	F_STR(S, metadata, "metadata", 0),
	F_OBJ(S, state, struct oci_state, "state", REQUIRED, &oci_state_object),
};
const struct object oci_process_state_object = OBJECT(S, process_state_fields, NULL);
#undef S
