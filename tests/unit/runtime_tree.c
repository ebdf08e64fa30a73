/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that kist writes for a profile, run here by an interpreter for every call number, architecture and many
 * arguments: against the document read rule by rule, and against the program that libseccomp makes of the same document.
 */
#include "runtime/tree.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "runtime/calls.h"
#include "unit.h"

enum { ROUNDS = 300, BROKEN = 0x0badc0de };

struct bpf {
	const struct sock_filter *at;
	size_t len;
};

/* What the kernel does with it; a jump out of the program or a load from elsewhere is BROKEN. */
static uint32_t interpret(struct bpf p, const struct seccomp_data *d)
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

static struct bpf ours(struct arena *a, const struct oci_seccomp *s)
{
	struct code c = { .arena = a };

	tree_build(s, &c);
	return (struct bpf){ code_program(&c), c.len };
}

static bool fits(const struct oci_seccomp_arg *a, uint64_t v, bool wide)
{
	const uint64_t width = wide ? UINT64_MAX : UINT32_MAX, want = a->value & width;

	v &= width;
	switch ((enum oci_seccomp_op)a->op) {
	case OCI_CMP_NE: return v != want;
	case OCI_CMP_LT: return v < want;
	case OCI_CMP_LE: return v <= want;
	case OCI_CMP_EQ: return v == want;
	case OCI_CMP_GE: return v >= want;
	case OCI_CMP_GT: return v > want;
	case OCI_CMP_MASKED_EQ: return (v & want) == (*a->value_two & want);
	}
	return false;
}

/* Without arguments the rule is for every use; among several, any or all have to fit. */
static bool rule_fits(const struct oci_seccomp_rule *r, const struct call *c, const struct abi *abi, const uint64_t args[6])
{
	bool all = true, any = false, twice = false;

	if (c->mask)
		return (args[0] & c->mask) == c->part;
	for (size_t i = 0; i < r->args.len; i++) {
		bool fit = fits(&r->args.at[i], args[r->args.at[i].index], abi->wide);

		for (size_t k = 0; k < i; k++)
			twice |= r->args.at[k].index == r->args.at[i].index;
		all &= fit;
		any |= fit;
	}
	return twice ? any : all;
}

/* The document's own word, as runtime/tree.h says it. */
static uint32_t word_of(const struct oci_seccomp *s, const struct abi *abi, const struct seccomp_data *d)
{
	uint32_t first = tree_action(s->default_action, s->default_errno);
	bool found = false;

	for (size_t i = 0; i < s->syscalls.len; i++) {
		const struct oci_seccomp_rule *r = &s->syscalls.at[i];

		for (size_t k = 0; k < r->names.len; k++) {
			struct call c[2];
			size_t n = calls_named(abi, r->names.at[k], c);

			for (size_t j = 0; j < n; j++) {
				uint64_t args[6];

				memcpy(args, d->args, sizeof(args));
				if (c[j].nr != (uint32_t)d->nr)
					continue;
				if (!r->args.len && !c[j].mask)
					return tree_action(r->action, r->errno_ret);
				if (!found && rule_fits(r, &c[j], abi, args))
					first = tree_action(r->action, r->errno_ret), found = true;
			}
		}
	}
	return first;
}

/* What kist used before, with its limits: see agrees_with_libseccomp(). */
static struct bpf theirs(struct arena *a, const struct oci_seccomp *s)
{
	static const enum scmp_compare ops[] = { SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_EQ,
						 SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ };
	uint32_t otherwise = tree_action(s->default_action, s->default_errno);
	scmp_filter_ctx ctx = seccomp_init(otherwise);
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	struct stat st;
	char *text;

	assert_int_equal(seccomp_arch_add(ctx, SCMP_ARCH_X86), 0);
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
static uint32_t dice(uint32_t sides)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % sides);
}

static uint64_t some_value(void)
{
	static const uint64_t values[] = { 0, 1, 2, 16, 17, 0x7e020000, 0x10000000, UINT32_MAX, 1ULL << 32, (1ULL << 32) + 1,
					   (1ULL << 32) + 16, 1ULL << 63, UINT64_MAX, 0xffffffff00000000, 0x5412, 0x8000000080000000 };

	return values[dice(COUNT(values))] ^ (dice(4) ? 0 : 1ULL << dice(64));
}

static const char *const some_calls[] = { "read", "write", "openat", "socket", "clone", "personality", "ioctl", "getpid",
	"mseal", "semop", "shmat", "recv", "accept4", "mmap2", "chown32", "arch_prctl", "clone3", "fchmodat2", "no_such_call",
	"stat", "futex_time64", "send", "io_uring_setup", "msgctl", "prctl", "kill" };

struct habit {
	bool args, twice, shared; /* arguments, the same twice in a rule, calls of socketcall(2) and ipc(2) */
	bool contradict;	  /* rules of one call with different answers */
};

static struct oci_seccomp_rule some_rule(struct arena *a, struct habit habit, size_t i)
{
	static const uint32_t numbers[] = { 1, 13, 38 };
	struct oci_seccomp_rule r = { .action = dice(2) ? OCI_ACT_ERRNO : OCI_ACT_ALLOW };
	size_t n = 1 + dice(3);

	if (r.action == OCI_ACT_ERRNO)
		r.errno_ret = &numbers[dice(3)];
	r.names.at = arena_array(a, n, sizeof(char *));
	while (r.names.len < n) {
		/* One call for each rule, unless they may contradict each other. */
		const char *name = some_calls[habit.contradict ? dice(COUNT(some_calls)) : (i + r.names.len * 9) % COUNT(some_calls)];
		bool is_shared = strchr("sacrm", *name) && (strstr("socket semop shmat recv accept4 send msgctl", name));

		if ((is_shared && !habit.shared) || (!habit.contradict && !strcmp(name, "mseal")))
			name = "no_such_call"; /* mseal: newer than libseccomp */
		r.names.at[r.names.len++] = name;
		if (!habit.contradict)
			break;
	}
	if (!habit.args || dice(3) == 0)
		return r;
	r.args.at = arena_array(a, 3, sizeof(*r.args.at));
	for (size_t k = 0; k < 1 + dice(3) && r.args.len < 3; k++) {
		uint64_t *two = arena_alloc(a, sizeof(*two));
		uint32_t index = habit.twice ? dice(2) : (uint32_t)k;

		*two = some_value();
		r.args.at[r.args.len++] = (struct oci_seccomp_arg){ index, some_value(), two, (int)dice(7) };
	}
	return r;
}

static struct oci_seccomp *some_profile(struct arena *a, struct habit habit)
{
	static const char *arches[] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32" };
	static const uint32_t enosys = ENOSYS;
	struct oci_seccomp *s = arena_alloc(a, sizeof(*s));
	size_t n = 1 + dice(habit.contradict ? 12 : COUNT(some_calls) - 1);

	s->default_action = dice(2) ? OCI_ACT_ERRNO : OCI_ACT_ALLOW;
	s->default_errno = s->default_action == OCI_ACT_ERRNO ? &enosys : NULL;
	s->architectures.at = arches;
	s->architectures.len = 2 + (habit.contradict ? dice(2) : 0);
	s->syscalls.at = arena_array(a, n, sizeof(*s->syscalls.at));
	for (; s->syscalls.len < n; s->syscalls.len++)
		s->syscalls.at[s->syscalls.len] = some_rule(a, habit, s->syscalls.len);
	return s;
}

static const uint32_t starts[] = { 0, 0x40000000, 0x3fffff00, 0xffffff00 };

/* Calls `look` for each number worth looking at, with some arguments. */
static void everywhere(uint32_t arch, void (*look)(void *, const struct seccomp_data *), void *arg)
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

struct both {
	const struct oci_seccomp *s;
	struct abi abi, x32;
	bool with_x32;
	struct bpf ours, theirs;
};

static void against_document(void *arg, const struct seccomp_data *d)
{
	const struct both *b = arg;
	bool in_x32 = d->arch == AUDIT_ARCH_X86_64 && (uint32_t)d->nr >= 0x40000000 && d->nr != -1;
	uint32_t want = in_x32 && !b->with_x32 ? SECCOMP_RET_KILL_THREAD : word_of(b->s, in_x32 ? &b->x32 : &b->abi, d);

	if (interpret(b->ours, d) != want)
		fail_msg("call %#x of %#x: %#x, not %#x", (unsigned)d->nr, d->arch, interpret(b->ours, d), want);
}

static void says_what_the_document_says(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		auto_arena a = { 0 };
		struct both b = { .s = some_profile(&a, (struct habit){ true, dice(2), true, true }) };
		struct seccomp_data foreign = { .arch = AUDIT_ARCH_AARCH64 };

		b.ours = ours(&a, b.s);
		b.with_x32 = b.s->architectures.len == 3;
		assert_true(abi_find("SCMP_ARCH_X32", &b.x32) && abi_find("SCMP_ARCH_X86", &b.abi));
		everywhere(AUDIT_ARCH_I386, against_document, &b);
		assert_true(abi_find(NULL, &b.abi));
		everywhere(AUDIT_ARCH_X86_64, against_document, &b);
		assert_int_equal(interpret(b.ours, &foreign), SECCOMP_RET_KILL_THREAD);
	}
}

static void against_libseccomp(void *arg, const struct seccomp_data *d)
{
	const struct both *b = arg;

	if (interpret(b->ours, d) != interpret(b->theirs, d))
		fail_msg("call %#x of %#x (%#llx): %#x, libseccomp %#x", (unsigned)d->nr, d->arch, d->args[0],
			 interpret(b->ours, d), interpret(b->theirs, d));
}

/* As long as a document does not contradict itself, and asks for no argument of a call that socketcall(2) also makes. */
static void agrees_with_libseccomp(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		auto_arena a = { 0 };
		struct both b = { .s = some_profile(&a, (struct habit){ .args = i % 2, .shared = !(i % 2) }) };

		b.ours = ours(&a, b.s);
		b.theirs = theirs(&a, b.s);
		everywhere(AUDIT_ARCH_X86_64, against_libseccomp, &b);
		everywhere(AUDIT_ARCH_I386, against_libseccomp, &b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_the_document_says),
		cmocka_unit_test(agrees_with_libseccomp),
	};

	return RUN(tests);
}
