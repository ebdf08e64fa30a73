/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_KNOWN_H
#define RUNTIME_KNOWN_H
/* A container that exists, and how it is. */
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

int known_open(const struct ct_ctx *c, const char *id, enum record_lock lock, struct known *k, struct err *e);
/* One that is reached through its cgroup; -ENOTSUP when it has none. */
int known_needs_cgroup(const struct known *k, struct err *e);
int known_find(const struct ct_ctx *c, const char *id, enum record_lock lock, struct known *k, struct err *e);
#endif
