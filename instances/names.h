/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_NAMES_H
#define INSTANCES_NAMES_H
/* --dns and its like, --add-host, --network-alias; and which files below /etc an instance gets from where: net/members.h. */
#include "instances/network.h"

/* The options are coherent; the aliases become those of all networks in `n`. */
int inst_names_judge(struct arena *a, const struct inst_options *o, struct inst_network *n, struct err *e);
/* What the document says of them. */
const struct oci_kist_names *inst_names_asked(struct arena *a, const struct inst_options *o, const struct inst_network *n);
struct inst_etc_file {
	const char *target, *source; /* of the host, or in the instance's directory */
};
typedef LIST_OF(struct inst_etc_file) inst_etc_files;
/* Below the root: where a start has made empty files to mount them on, if there were none. */
strings inst_names_places(struct arena *a, const struct oci_spec *spec);
inst_etc_files inst_names_files(struct arena *a, const struct inst_options *o, const struct inst_network *n);
#endif
