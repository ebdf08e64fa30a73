/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_FILTER_CACHE_H
#define RUNTIME_FILTER_CACHE_H
/*
 * Compiled seccomp programs of earlier starts, in ROOT/.seccomp.  A file is named by the hash of everything that the
 * program depends on, and carries that text itself: only a program of the very same text is taken, whatever the hash.
 * A file that is not whole counts as none.  Nothing here fails: without the cache the program is compiled again.
 */
#include <linux/filter.h>
#include <stdbool.h>

#include "oci/spec.h"

struct filter_key {
	const char *text;
	size_t len;
	char name[17];
};

struct filter_key filter_key(struct arena *a, const struct oci_seccomp *s);
bool filter_cached(struct arena *a, const char *root, const struct filter_key *k, struct sock_fprog *out);
void filter_keep(struct arena *a, const char *root, const struct filter_key *k, const struct sock_fprog *p);
#endif
