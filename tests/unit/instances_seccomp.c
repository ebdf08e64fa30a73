/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The default profile as a document: no rule contradicts another, no name is misspelt, capabilities open what they should. */
#include "instances/seccomp.h"

#include <sys/socket.h>

#include "bpf.h"
#include "runtime/caps.h"

/* Newer than Debian 12's libseccomp, by which this test looks for misspelt names. */
static const char *const young[] = {
	"file_getattr", "file_setattr", "futex_requeue", "futex_wait", "futex_wake", "getxattrat", "listmount", "listxattrat",
	"lsm_get_self_attr", "lsm_list_modules", "lsm_set_self_attr", "map_shadow_stack", "mseal", "open_tree_attr",
	"removexattrat", "setxattrat", "statmount",
};

static bool is_young(const char *name)
{
	for (size_t i = 0; i < COUNT(young); i++)
		if (!strcmp(name, young[i]))
			return true;
	return false;
}

static const struct oci_seccomp *with(struct arena *a, const char *cap)
{
	struct oci_capabilities caps = { .bounding = { &cap, cap ? 1 : 0 } };

	return inst_seccomp(a, &caps);
}

static bool names(const struct oci_seccomp_rule *r, const char *call)
{
	for (size_t i = 0; i < r->names.len; i++)
		if (!strcmp(r->names.at[i], call))
			return true;
	return false;
}

static bool all_others(const struct oci_seccomp_arg *a)
{
	return a->op == OCI_CMP_GE && !a->value;
}

static bool fits(const struct oci_seccomp_arg *a, uint64_t value)
{
	return all_others(a) || (value & a->value) == *a->value_two;
}

/* The errno that the document gives a call, 0 when it allows it, judged rule by rule. */
static int judge(const struct oci_seccomp *s, const char *call, const uint64_t args[6])
{
	for (size_t i = 0; i < s->syscalls.len; i++) {
		const struct oci_seccomp_rule *r = &s->syscalls.at[i];
		bool fit = names(r, call);

		for (size_t k = 0; k < r->args.len; k++)
			fit &= fits(&r->args.at[k], args[r->args.at[k].index]);
		if (fit)
			return r->action == OCI_ACT_ALLOW ? 0 : (int)*r->errno_ret;
	}
	return (int)*s->default_errno;
}

static int verdict(const struct oci_seccomp *s, const char *call, unsigned index, uint64_t value)
{
	uint64_t args[6] = { 0 };

	args[index] = value;
	return judge(s, call, args);
}

static int call(const char *cap, const char *name)
{
	auto_arena a = { 0 };

	return verdict(with(&a, cap), name, 0, 0);
}

static void names_are_spelled_right(void **state)
{
	auto_arena a = { 0 };
	const struct oci_seccomp *s = with(&a, NULL);

	(void)state;
	for (size_t i = 0; i < s->syscalls.len; i++)
		for (size_t k = 0; k < s->syscalls.at[i].names.len; k++)
			if (seccomp_syscall_resolve_name(s->syscalls.at[i].names.at[k]) == __NR_SCMP_ERROR &&
			    !is_young(s->syscalls.at[i].names.at[k]))
				fail_msg("libseccomp does not know %s", s->syscalls.at[i].names.at[k]);
}

/* Whether some call can meet both: rules without an argument meet everything, "all others" what no other rule meets. */
static bool overlap(const struct oci_seccomp_rule *x, const struct oci_seccomp_rule *y)
{
	bool common = false;

	for (size_t i = 0; i < x->names.len; i++)
		common |= names(y, x->names.at[i]);
	if (!common || !x->args.len || !y->args.len)
		return common;
	for (size_t i = 0; i < x->args.len && i < y->args.len; i++) {
		const struct oci_seccomp_arg *a = &x->args.at[i], *b = &y->args.at[i];

		if (all_others(a) != all_others(b))
			return false;
		if (!all_others(a) && (*a->value_two ^ *b->value_two) & a->value & b->value)
			return false;
	}
	return true;
}

static bool same_answer(const struct oci_seccomp_rule *x, const struct oci_seccomp_rule *y)
{
	return x->action == y->action && (!x->errno_ret || *x->errno_ret == *y->errno_ret);
}

static void no_rule_contradicts_another(void **state)
{
	static const char *const caps[] = { NULL, "CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_AUDIT_WRITE" };

	(void)state;
	for (size_t c = 0; c < COUNT(caps); c++) {
		auto_arena a = { 0 };
		const struct oci_seccomp *s = with(&a, caps[c]);

		for (size_t i = 0; i < s->syscalls.len; i++)
			for (size_t k = 0; k < i; k++)
				if (overlap(&s->syscalls.at[i], &s->syscalls.at[k]) &&
				    !same_answer(&s->syscalls.at[i], &s->syscalls.at[k]))
					fail_msg("rules %zu and %zu", k, i);
	}
}

static void ints_are_compared_in_32_bits(void **state)
{
	auto_arena a = { 0 };
	const struct oci_seccomp *s = with(&a, NULL);

	(void)state;
	for (size_t i = 0; i < s->syscalls.len; i++) {
		for (size_t k = 0; k < s->syscalls.at[i].args.len; k++) {
			const struct oci_seccomp_arg *arg = &s->syscalls.at[i].args.at[k];

			if (all_others(arg))
				continue;
			assert_int_equal(arg->op, OCI_CMP_MASKED_EQ);
			assert_true(arg->value <= UINT32_MAX && *arg->value_two <= UINT32_MAX);
		}
	}
}

static void capabilities_open(void **state)
{
	static const struct {
		const char *call, *cap;
	} opened[] = {
		{ "mount", "CAP_SYS_ADMIN" },	   { "setns", "CAP_SYS_ADMIN" },     { "bpf", "CAP_BPF" },
		{ "bpf", "CAP_SYS_ADMIN" },	   { "ptrace", "CAP_SYS_PTRACE" },   { "perf_event_open", "CAP_PERFMON" },
		{ "clock_settime", "CAP_SYS_TIME" }, { "chroot", "CAP_SYS_CHROOT" }, { "mbind", "CAP_SYS_NICE" },
		{ "reboot", "CAP_SYS_BOOT" },	   { "syslog", "CAP_SYSLOG" },	     { "acct", "CAP_SYS_PACCT" },
		{ "init_module", "CAP_SYS_MODULE" }, { "iopl", "CAP_SYS_RAWIO" },    { "vhangup", "CAP_SYS_TTY_CONFIG" },
		{ "open_by_handle_at", "CAP_DAC_READ_SEARCH" },
	};
	static const char *const closed[] = { "kexec_load", "keyctl", "io_uring_setup", "userfaultfd", "swapon" };

	(void)state;
	for (size_t i = 0; i < COUNT(opened); i++) {
		assert_int_equal(call(NULL, opened[i].call), EPERM);
		assert_int_equal(call("CAP_NET_ADMIN", opened[i].call), EPERM);
		assert_int_equal(call(opened[i].cap, opened[i].call), 0);
	}
	for (size_t i = 0; i < COUNT(closed); i++)
		for (const struct word *w = cap_words; w->name; w++)
			assert_int_equal(call(w->name, closed[i]), EPERM);
	assert_int_equal(call(NULL, "clone3"), ENOSYS);
	assert_int_equal(call("CAP_SYS_ADMIN", "clone3"), 0);
	assert_int_equal(call("CAP_NO_SUCH", "mount"), EPERM);
	assert_int_equal(call(NULL, "a_call_of_the_next_decade"), ENOSYS);
}

static void arguments(void **state)
{
	auto_arena a = { 0 };
	const struct oci_seccomp *s = with(&a, NULL), *raw = with(&a, "CAP_NET_RAW");
	const uint64_t high = 1ULL << 40;

	(void)state;
	for (unsigned family = 0; family < 64; family++) {
		bool open = family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK;

		assert_int_equal(verdict(s, "socket", 0, family | high), open ? 0 : EPERM);
		assert_int_equal(verdict(raw, "socket", 0, family), open || family == AF_PACKET ? 0 : EPERM);
	}
	for (uint32_t cmd = 0; cmd < 0x10000; cmd++)
		assert_int_equal(verdict(s, "ioctl", 1, cmd | high), cmd == 0x5412 || cmd == 0x541c ? EPERM : 0);
	for (unsigned bit = 0; bit < 32; bit++) {
		bool namespace = 0x7e020000U >> bit & 1, neutral = bit == 3 || bit == 17;
		uint32_t flag = 1U << bit;

		assert_int_equal(verdict(s, "ioctl", 1, 0x5412 ^ flag), 0);
		assert_int_equal(verdict(s, "clone", 0, flag | high), namespace ? EPERM : 0);
		assert_int_equal(verdict(s, "unshare", 0, flag | 1), namespace || bit == 7 ? EPERM : 0);
		assert_int_equal(verdict(s, "personality", 0, flag), neutral ? 0 : EPERM);
	}
	assert_int_equal(verdict(s, "personality", 0, UINT64_MAX), 0);
	assert_int_equal(verdict(s, "personality", 0, UINT32_MAX), 0);
	assert_int_equal(verdict(s, "personality", 0, 0x20008), 0);
}

static void the_audit_log(void **state)
{
	auto_arena a = { 0 };
	const struct oci_seccomp *s = with(&a, NULL), *writes = with(&a, "CAP_AUDIT_WRITE");
	const uint64_t audit[6] = { AF_NETLINK, 3, 9 | 1ULL << 40 }, route[6] = { AF_NETLINK, 3, 0 }, tcp[6] = { AF_INET, 1, 9 };

	(void)state;
	assert_int_equal(judge(s, "socket", audit), EPROTONOSUPPORT);
	assert_int_equal(judge(s, "socket", route), 0);
	assert_int_equal(judge(s, "socket", tcp), 0);
	assert_int_equal(judge(writes, "socket", audit), 0);
}

static void is_a_valid_document(void **state)
{
	auto_arena a = { 0 };
	struct oci_linux linux_;
	struct oci_spec spec, back = { 0 };
	struct err e = { 0 };
	const char *text;
	size_t len;

	(void)state;
	oci_template(&a, false, 0, 0, &spec);
	linux_ = *spec.linux_;
	linux_.seccomp = inst_seccomp(&a, NULL);
	spec.linux_ = &linux_;
	text = oci_encode_text(&a, &oci_spec_object, &spec, JSON_COMPACT, &len);
	if (oci_parse_spec(&a, "profile", text, len, &back, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(back.linux_->seccomp->syscalls.len, linux_.seccomp->syscalls.len);
}

/* Whoever hands the document to a runtime with libseccomp gets the same answers; it only knows less of the newest calls. */
static void means_the_same_elsewhere(void **state)
{
	static const char *const caps[] = { NULL, "CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_AUDIT_WRITE" };

	(void)state;
	for (size_t i = 0; i < COUNT(caps); i++) {
		auto_arena a = { 0 };
		const struct oci_seccomp *s = with(&a, caps[i]);
		struct rivals b = { ours(&a, s), theirs(&a, s), 453, 1000 };

		for (int k = 0; k < 20; k++) {
			everywhere(AUDIT_ARCH_X86_64, against_libseccomp, &b);
			everywhere(AUDIT_ARCH_I386, against_libseccomp, &b);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_spelled_right),
		cmocka_unit_test(no_rule_contradicts_another),
		cmocka_unit_test(ints_are_compared_in_32_bits),
		cmocka_unit_test(capabilities_open),
		cmocka_unit_test(arguments),
		cmocka_unit_test(the_audit_log),
		cmocka_unit_test(is_a_valid_document),
		cmocka_unit_test(means_the_same_elsewhere),
	};

	return RUN(tests);
}
