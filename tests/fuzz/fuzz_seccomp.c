/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document with a seccomp profile: what becomes of it is a program that the kernel's checker takes, unless too long. */
#include <linux/seccomp.h>

#include "fuzz.h"
#include "oci/spec.h"
#include "runtime/filter_cache.h"
#include "runtime/tree.h"

static bool lands(const struct code *c, size_t i, size_t distance)
{
	return i + 1 + distance < c->len;
}

/* As bpf_check_classic() and seccomp_check_filter() of the kernel look at one instruction. */
static bool is_right(const struct code *c, const struct sock_filter *at, size_t i)
{
	switch (at[i].code) {
	case BPF_LD | BPF_W | BPF_ABS: return at[i].k % 4 == 0 && at[i].k < sizeof(struct seccomp_data) && lands(c, i, 0);
	case BPF_ALU | BPF_AND | BPF_K: return lands(c, i, 0);
	case BPF_JMP | BPF_JA: return lands(c, i, at[i].k);
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K: return lands(c, i, at[i].jt) && lands(c, i, at[i].jf);
	case BPF_RET | BPF_K: return true;
	default: return false;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	struct oci_spec spec = { 0 };
	struct code c = { .arena = &a };
	const struct sock_filter *program;

	if (oci_parse_spec(&a, "document", (const char *)data, len, &spec, NULL) < 0 || !spec.linux_ || !spec.linux_->seccomp)
		return 0;
	tree_build(spec.linux_->seccomp, &c);
	program = code_program(&c);
	for (size_t i = 0; i < c.len; i++)
		if (!is_right(&c, program, i))
			abort();
	if (strlen(filter_key(&a, spec.linux_->seccomp).name) != 16)
		abort();
	return 0;
}
