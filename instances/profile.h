/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_PROFILE_H
#define INSTANCES_PROFILE_H
/*
 * A seccomp profile of the user's: an OCI document, or what the engines make of it, where rules can depend on
 * capabilities, architectures and the kernel ("includes", "excludes"), and where "archMap" says what goes with the
 * machine's architecture.  To read such a file without its conditions would allow what it refuses.
 */
#include "oci/spec.h"

struct inst_profile;
int inst_profile_read(struct arena *a, const char *path, const struct inst_profile **out, struct err *e);
/* The rules that hold for these capabilities (the bounding set) on this machine. */
const struct oci_seccomp *inst_profile_for(struct arena *a, const struct inst_profile *p, const struct oci_capabilities *caps);
#endif
