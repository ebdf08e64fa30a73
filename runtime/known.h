/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_KNOWN_H
#define RUNTIME_KNOWN_H
/* A container that is to be reached through its cgroup. */
#include "runtime/record.h"

struct known {
	struct ct_record rec;
	struct cg_own cgroup;
	enum ct_status status;
	int dir;
};
#define KNOWN_NONE { .dir = -1 }
void known_done(struct known *k);
#define auto_known __attribute__((cleanup(known_done))) struct known

/* -ENOTSUP when it has no cgroup. */
int known_find(const struct ct_ctx *c, const char *id, enum record_lock lock, struct known *k, struct err *e);
#endif
