/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/calls.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"

/* Newer than Debian 12's libseccomp.  From 424 on all architectures count alike, each from its own beginning. */
static const struct word young[] = {
	{ "map_shadow_stack", 453 }, { "futex_wake", 454 },	   { "futex_wait", 455 },	 { "futex_requeue", 456 },
	{ "statmount", 457 },	     { "listmount", 458 },	   { "lsm_get_self_attr", 459 }, { "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 }, { "mseal", 462 },		   { "setxattrat", 463 },	 { "getxattrat", 464 },
	{ "listxattrat", 465 },	     { "removexattrat", 466 },	   { "open_tree_attr", 467 },	 { "file_getattr", 468 },
	{ "file_setattr", 469 },     { NULL, 0 },
};
enum { NR_OPENAT2 = 437 };

/* libseccomp says -100 less the part of socketcall, -200 less that of ipc, when the name alone does not tell the number. */
static struct abi_shared *shared_by(const struct abi *abi, int nr, uint32_t *part)
{
	unsigned kind = nr <= -200 ? 1 : 0, n = (unsigned)-nr - (kind ? 200 : 100);

	*part = n;
	return nr > -100 || n >= sizeof(abi->shared[0].direct) / sizeof(int) ? NULL : (struct abi_shared *)&abi->shared[kind];
}

/* The numbers that such names have beside: libseccomp tells them only the other way round, and slowly. */
static void find_direct(struct abi *abi)
{
	int zero = seccomp_syscall_resolve_name_arch(abi->token, "openat2") - NR_OPENAT2;
	int first = abi->token == SCMP_ARCH_X86 ? 337 : 160, last = 419;

	for (int nr = zero + first; nr <= zero + last; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(abi->token, nr);
		uint32_t part;
		struct abi_shared *s =
			name ? shared_by(abi, seccomp_syscall_resolve_name_arch(abi->token, name), &part) : NULL;

		if (s)
			s->direct[part] = nr;
		free(name);
	}
}

static uint32_t token_of(const char *word)
{
	char name[32];
	size_t n = 0;

	for (word += strlen("SCMP_ARCH_"); *word && n < sizeof(name) - 1; word++)
		name[n++] = (char)(*word >= 'A' && *word <= 'Z' ? *word + ('a' - 'A') : *word);
	name[n] = 0;
	return seccomp_arch_resolve_name(name);
}

bool abi_find(const char *word, struct abi *out)
{
	uint32_t token = word ? token_of(word) : seccomp_arch_native();

	if (!token)
		return false;
	*out = (struct abi){ .token = token, .arch = token, .wide = token & __AUDIT_ARCH_64BIT, .x32 = token == SCMP_ARCH_X32 };
	if (out->x32)
		out->arch = AUDIT_ARCH_X86_64;
	out->shared[0].nr = seccomp_syscall_resolve_name_arch(token, "socketcall");
	out->shared[1].nr = seccomp_syscall_resolve_name_arch(token, "ipc");
	if (out->shared[0].nr >= 0 || out->shared[1].nr >= 0)
		find_direct(out);
	return true;
}

static int number_of_young(const struct abi *abi, const char *name)
{
	const struct word *w = word_find(young, name);

	return w ? seccomp_syscall_resolve_name_arch(abi->token, "openat2") - NR_OPENAT2 + w->value : -1;
}

size_t calls_named(const struct abi *abi, const char *name, struct call out[2])
{
	int nr = seccomp_syscall_resolve_name_arch(abi->token, name);
	const struct abi_shared *s;
	uint32_t part;
	size_t n = 0;

	if (nr == __NR_SCMP_ERROR)
		nr = number_of_young(abi, name);
	if (nr >= 0) {
		out[n++] = (struct call){ .nr = (uint32_t)nr };
		return n;
	}
	s = shared_by(abi, nr, &part);
	if (s && s->direct[part])
		out[n++] = (struct call){ .nr = (uint32_t)s->direct[part] };
	/* ipc(2) takes 16 bits of it for the call, and the others for the call's version. */
	if (s && s->nr >= 0)
		out[n++] = (struct call){ (uint32_t)s->nr, part, s == &abi->shared[1] ? 0xffff : UINT32_MAX };
	return n;
}

const char *calls_version(struct arena *a)
{
	const struct scmp_version *v = seccomp_version();

	return arena_printf(a, "libseccomp %u.%u.%u on %x", v->major, v->minor, v->micro, seccomp_arch_native());
}
