/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CALLS_H
#define RUNTIME_CALLS_H
/*
 * System calls by name, for each ABI that a filter may meet.  On old architectures a name has two numbers: its own, and
 * that of socketcall(2) or ipc(2), whose first argument says which call is meant.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct abi {
	uint32_t token; /* libseccomp's */
	uint32_t arch;	/* AUDIT_ARCH_*, as the filter sees it */
	bool wide;	/* arguments have 64 bits */
	bool x32;	/* its calls have a bit of their own beside those of x86-64 */
	struct abi_shared {
		int nr; /* of socketcall, ipc; negative: has none */
		int direct[32];
	} shared[2];
};

/* "SCMP_ARCH_X86_64", or NULL for the machine's own; false: this libseccomp does not know it. */
bool abi_find(const char *word, struct abi *out);

struct call {
	uint32_t nr;
	uint32_t part, mask; /* mask not 0: only when the first argument, masked, is `part` */
};
/* How many of `out` are filled; 0: no such call there. */
size_t calls_named(const struct abi *abi, const char *name, struct call out[2]);
/* Names the machine and the library on which the numbers depend. */
const char *calls_version(struct arena *a);
#endif
