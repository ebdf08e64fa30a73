/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_COMPOSE_H
#define INSTANCES_COMPOSE_H
/*
 * An image's configuration and a person's options become one OCI document: kist's defaults, then the image, then the
 * options.  Composing is pure: whatever had to be looked up stands in the facts.  An image's labels and annotations
 * never steer anything.
 */
#include "instances/mounts.h"
#include "instances/network.h"
#include "instances/profile.h"
#include "instances/user.h"
#include "storage/store.h"

struct inst_device {
	struct oci_device node;
	const char *access; /* "rwm" */
};

struct inst_facts {
	const char *name, *state; /* the directory of its state */
	const struct st_image *image; /* NULL: --rootfs */
	strings lower;		      /* the layers of the root, the top one first; none: the directory itself is the root */
	const char *rootfs;	      /* absolute; without an image */
	struct inst_user user;
	strings env;	 /* of --env-file and --env, in this order: NAME=VALUE */
	strings command; /* behind the image's name */
	const struct oci_mapping *ids; /* NULL: the host's own */
	inst_mounts mounts;	       /* volumes by their directories */
	strings volumes;	       /* their names */
	struct inst_network network;
	LIST_OF(struct inst_device) devices;
	const struct inst_profile *seccomp; /* of the file that the options name */
	strings secrets;		   /* more paths to mask: of the host's own tree as root */
	bool pids;			   /* the host can limit them */
	uint64_t nofile;		   /* kist's own hard limit, above which it cannot give */
};

int inst_compose(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_spec *out, struct err *e);

/* Its parts, which the files beside it fill. */
int inst_compose_process(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_process *out,
			 struct err *e);
int inst_compose_linux(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_spec *s,
		       struct err *e);
int inst_compose_resources(struct arena *a, const struct inst_options *o, const struct inst_facts *f,
			   const struct oci_resources **out, struct err *e);
/* KEY=VALUE words into pairs; a later one replaces an earlier. */
int inst_pairs(struct arena *a, const char *option, const strings *words, pairs *out, struct err *e);
#endif
