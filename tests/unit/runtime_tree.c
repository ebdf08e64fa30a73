/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that kist writes for a profile, run here by an interpreter for every call number, architecture and many
 * arguments: against the document read rule by rule, and against the program that libseccomp makes of the same document.
 */
#include "bpf.h"

enum { ROUNDS = 300 };

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
	/* With x32 beside x86-64, libseccomp 2.5 takes the one's narrow comparisons for the other's wide ones. */
	s->architectures.len = 2 + (habit.contradict ? dice(2) : 0);
	s->syscalls.at = arena_array(a, n, sizeof(*s->syscalls.at));
	for (; s->syscalls.len < n; s->syscalls.len++)
		s->syscalls.at[s->syscalls.len] = some_rule(a, habit, s->syscalls.len);
	return s;
}

struct both {
	const struct oci_seccomp *s;
	struct abi abi, x32;
	bool with_x32;
	struct bpf ours;
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

/* As long as a document does not contradict itself, and asks for no argument of a call that socketcall(2) also makes. */
static void agrees_with_libseccomp(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		auto_arena a = { 0 };
		const struct oci_seccomp *s = some_profile(&a, (struct habit){ .args = i % 2, .shared = !(i % 2) });
		struct rivals b = { ours(&a, s), theirs(&a, s), UINT32_MAX, 0 };

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
