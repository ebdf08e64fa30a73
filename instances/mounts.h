/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_MOUNTS_H
#define INSTANCES_MOUNTS_H
/* --volume, --mount and --tmpfs, judged and in one form. */
#include "instances/options.h"

/* Memory counts twice: an empty file has no size, and costs the kernel a kilobyte.  Without these words a tmpfs may take
 * half of the host's memory. */
#define INST_TMPFS_SIZE "size=64m"
#define INST_TMPFS_FILES "nr_inodes=64k"

enum inst_mount_kind {
	INST_BIND,
	INST_VOLUME,
	INST_TMPFS,
	INST_OWN, /* a volume without a name: a directory in the instance's own, that goes with it */
};

struct inst_mount {
	enum inst_mount_kind kind;
	const char *source; /* INST_BIND: absolute; INST_VOLUME: its name, or once it is known its directory; INST_OWN: in the bundle */
	const char *target; /* clean, absolute */
	strings options;    /* as an OCI mount has them, with the defaults */
	bool nocopy;	    /* a new volume stays empty */
};
typedef LIST_OF(struct inst_mount) inst_mounts;

/* In the order in which they must be made: what lies deeper comes later.  `here` is what relative sources start from. */
int inst_mounts_parse(struct arena *a, const struct inst_options *o, const char *here, inst_mounts *out, struct err *e);
/* One of the image's volumes, which is the instance's own; a stranger's word: what cannot be, or is taken, is left out. */
void inst_mounts_add_own(struct arena *a, const char *target, inst_mounts *l);
#define INST_OWN_VOLUMES "volumes"
#endif
