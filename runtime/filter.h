/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_FILTER_H
#define RUNTIME_FILTER_H
/* linux.seccomp → a BPF program, in the parent; loading it is the child's. */
#include <linux/filter.h>

#include "oci/spec.h"

struct filter {
	struct sock_fprog program; /* len 0: none */
	unsigned flags;		   /* SECCOMP_FILTER_FLAG_* */
	bool notify;		   /* loading it gives a listener descriptor */
};

/*
 * Unknown system call names are left out, as every runtime does: profiles name calls of newer kernels.  In the state
 * directory `root`, which exists and belongs to the caller alone, a program is kept for the next start; NULL: nowhere.
 */
int filter_compile(struct arena *a, const char *root, const struct oci_seccomp *s, struct filter *out, struct err *e);
int filter_load(const struct filter *f, struct err *e); /* the listener, or 0 */
#endif
