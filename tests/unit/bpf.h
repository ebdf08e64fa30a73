/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_BPF_H
#define TESTS_BPF_H
/* Seccomp programs run by an interpreter, for every call number and many arguments; kist's own and libseccomp's. */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "runtime/calls.h"
#include "runtime/tree.h"
#include "unit.h"

enum { BROKEN = 0x0badc0de };

struct bpf {
	const struct sock_filter *at;
	size_t len;
};

/* What the kernel does with it; a jump out of the program or a load from elsewhere is BROKEN. */
static inline uint32_t interpret(struct bpf p, const struct seccomp_data *d)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < p.len; pc++) {
		const struct sock_filter *i = &p.at[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 || i->k > sizeof(*d) - sizeof(a))
				return BROKEN;
			memcpy(&a, (const char *)d + i->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K: a &= i->k; break;
		case BPF_JMP | BPF_JA: pc += i->k; break;
		case BPF_JMP | BPF_JEQ | BPF_K: pc += a == i->k ? i->jt : i->jf; break;
		case BPF_JMP | BPF_JGT | BPF_K: pc += a > i->k ? i->jt : i->jf; break;
		case BPF_JMP | BPF_JGE | BPF_K: pc += a >= i->k ? i->jt : i->jf; break;
		case BPF_RET | BPF_K: return i->k;
		default: return BROKEN;
		}
	}
	return BROKEN;
}

static inline struct bpf ours(struct arena *a, const struct oci_seccomp *s)
{
	struct code c = { .arena = a };

	tree_build(s, &c);
	return (struct bpf){ code_program(&c), c.len };
}

/* What kist used before, with its limits: see agrees_with_libseccomp(). */
static inline struct bpf theirs(struct arena *a, const struct oci_seccomp *s)
{
	static const enum scmp_compare ops[] = { SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_EQ,
						 SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ };
	uint32_t otherwise = tree_action(s->default_action, s->default_errno);
	scmp_filter_ctx ctx = seccomp_init(otherwise);
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	struct stat st;
	char *text;

	for (size_t i = 0; i < s->architectures.len; i++) {
		struct abi abi;

		assert_true(abi_find(s->architectures.at[i], &abi));
		(void)seccomp_arch_add(ctx, abi.token); /* the machine's own is there already */
	}
	for (size_t i = 0; i < s->syscalls.len; i++) {
		const struct oci_seccomp_rule *r = &s->syscalls.at[i];
		uint32_t action = tree_action(r->action, r->errno_ret);
		struct scmp_arg_cmp cmp[6];

		for (size_t k = 0; k < r->args.len; k++)
			cmp[k] = (struct scmp_arg_cmp){ r->args.at[k].index, ops[r->args.at[k].op], r->args.at[k].value,
							r->args.at[k].value_two ? *r->args.at[k].value_two : 0 };
		for (size_t k = 0; k < r->names.len && action != otherwise; k++) {
			int nr = seccomp_syscall_resolve_name(r->names.at[k]);

			if (nr != __NR_SCMP_ERROR)
				(void)seccomp_rule_add_array(ctx, action, nr, (unsigned)r->args.len, cmp);
		}
	}
	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	seccomp_release(ctx);
	assert_int_equal(fstat(fd, &st), 0);
	text = arena_alloc(a, (size_t)st.st_size);
	assert_int_equal(pread(fd, text, (size_t)st.st_size, 0), st.st_size);
	close(fd);
	return (struct bpf){ (const void *)text, (size_t)st.st_size / sizeof(struct sock_filter) };
}

/* The same numbers in every run, so that a failure comes back. */
static inline uint32_t dice(uint32_t sides)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % sides);
}

static inline uint64_t some_value(void)
{
	static const uint64_t values[] = { 0, 1, 2, 9, 16, 17, 0x7e020000, 0x10000000, UINT32_MAX, 1ULL << 32, (1ULL << 32) + 1,
					   (1ULL << 32) + 16, 1ULL << 63, UINT64_MAX, 0xffffffff00000000, 0x5412, 0x8000000080000000 };

	return values[dice(COUNT(values))] ^ (dice(4) ? 0 : 1ULL << dice(64));
}

static const uint32_t starts[] = { 0, 0x40000000, 0x3fffff00, 0xffffff00 };

/* Calls `look` for each number worth looking at, with some arguments. */
static inline void everywhere(uint32_t arch, void (*look)(void *, const struct seccomp_data *), void *arg)
{
	for (size_t i = 0; i < COUNT(starts); i++)
		for (uint32_t k = 0; k < (i < 2 ? 560 : 256); k++) {
			struct seccomp_data d = { .nr = (int)(starts[i] + k), .arch = arch };

			for (int t = 0; t < 3; t++) {
				for (int j = 0; j < 6; j++)
					d.args[j] = arch == AUDIT_ARCH_I386 ? (uint32_t)some_value() : some_value();
				look(arg, &d);
			}
		}
}

/* Both programs for the same document. */
struct rivals {
	struct bpf ours, theirs;
	uint32_t unknown; /* numbers that libseccomp does not know yet begin here … */
	uint32_t far;	  /* … and end here */
};

static inline void against_libseccomp(void *arg, const struct seccomp_data *d)
{
	const struct rivals *b = arg;
	bool versioned = d->arch == AUDIT_ARCH_I386 && d->nr == 117 && d->args[0] >> 16; /* ipc(2): libseccomp takes it for another */
	uint32_t mine = interpret(b->ours, d), other = interpret(b->theirs, d);

	if (mine != other && !versioned && ((uint32_t)d->nr < b->unknown || (uint32_t)d->nr >= b->far))
		fail_msg("call %#x of %#x (%#llx): %#x, libseccomp %#x", (unsigned)d->nr, d->arch, d->args[0], mine, other);
}
#endif
