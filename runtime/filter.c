/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/filter.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif

static uint32_t action(int a, const uint32_t *errno_ret)
{
	uint16_t number = (uint16_t)(errno_ret ? *errno_ret : EPERM);

	switch ((enum oci_seccomp_action)a) {
	case OCI_ACT_KILL:
	case OCI_ACT_KILL_THREAD: return SCMP_ACT_KILL_THREAD;
	case OCI_ACT_KILL_PROCESS: return SCMP_ACT_KILL_PROCESS;
	case OCI_ACT_TRAP: return SCMP_ACT_TRAP;
	case OCI_ACT_ERRNO: return SCMP_ACT_ERRNO(number);
	case OCI_ACT_TRACE: return SCMP_ACT_TRACE(number);
	case OCI_ACT_ALLOW: return SCMP_ACT_ALLOW;
	case OCI_ACT_LOG: return SCMP_ACT_LOG;
	case OCI_ACT_NOTIFY: return SCMP_ACT_NOTIFY;
	}
	return SCMP_ACT_KILL_PROCESS;
}

static enum scmp_compare compare(int op)
{
	static const enum scmp_compare ops[] = {
		[OCI_CMP_NE] = SCMP_CMP_NE, [OCI_CMP_LT] = SCMP_CMP_LT, [OCI_CMP_LE] = SCMP_CMP_LE,
		[OCI_CMP_EQ] = SCMP_CMP_EQ, [OCI_CMP_GE] = SCMP_CMP_GE, [OCI_CMP_GT] = SCMP_CMP_GT,
		[OCI_CMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};

	return ops[op];
}

/* "SCMP_ARCH_X86_64" → libseccomp's "x86_64". */
static int add_arches(scmp_filter_ctx ctx, const struct oci_seccomp *s, struct err *e)
{
	for (size_t i = 0; i < s->architectures.len; i++) {
		const char *word = s->architectures.at[i] + strlen("SCMP_ARCH_");
		char name[32];
		size_t n = 0;
		uint32_t arch;
		int r;

		for (; word[n] && n < sizeof(name) - 1; n++)
			name[n] = (char)(word[n] >= 'A' && word[n] <= 'Z' ? word[n] + ('a' - 'A') : word[n]);
		name[n] = 0;
		arch = seccomp_arch_resolve_name(name);
		if (!arch)
			continue; /* newer than this libseccomp: such a call is then killed as a foreign one */
		r = seccomp_arch_add(ctx, arch);
		if (r < 0 && r != -EEXIST)
			return err_num(e, r, "linux.seccomp.architectures[%zu]: add %s", i, s->architectures.at[i]);
	}
	return 0;
}

static bool repeats_argument(const struct oci_seccomp_rule *r)
{
	unsigned seen = 0;

	for (size_t i = 0; i < r->args.len; i++) {
		if (seen & 1U << r->args.at[i].index)
			return true;
		seen |= 1U << r->args.at[i].index;
	}
	return false;
}

/* libseccomp takes each argument once per rule; engines mean "any of" when they name one twice (runc). */
static int add_calls(scmp_filter_ctx ctx, uint32_t act, int nr, const struct oci_seccomp_rule *rule)
{
	struct scmp_arg_cmp cmp[6];
	unsigned n = 0;
	bool split = repeats_argument(rule);
	int r = 0;

	for (size_t i = 0; i < rule->args.len && !r; i++) {
		const struct oci_seccomp_arg *a = &rule->args.at[i];

		cmp[n] = (struct scmp_arg_cmp){ a->index, compare(a->op), a->value, a->value_two ? *a->value_two : 0 };
		if (split)
			r = seccomp_rule_add_array(ctx, act, nr, 1, cmp);
		else
			n++;
		r = r == -EEXIST ? 0 : r; /* that one is there already; the others of the rule are not */
	}
	return r || split ? r : seccomp_rule_add_array(ctx, act, nr, n, cmp);
}

static int add_rule(scmp_filter_ctx ctx, const struct oci_seccomp *s, size_t i, struct err *e)
{
	const struct oci_seccomp_rule *rule = &s->syscalls.at[i];
	uint32_t act = action(rule->action, rule->errno_ret);

	/* The same as the default: libseccomp refuses to add it. */
	if (act == action(s->default_action, s->default_errno))
		return 0;
	for (size_t k = 0; k < rule->names.len; k++) {
		int nr = seccomp_syscall_resolve_name(rule->names.at[k]), r;

		if (nr == __NR_SCMP_ERROR)
			continue;
		r = add_calls(ctx, act, nr, rule);
		if (r < 0 && r != -EEXIST)
			return err_num(e, r, "linux.seccomp.syscalls[%zu]: %s", i, rule->names.at[k]);
	}
	return 0;
}

static int export(struct arena *a, scmp_filter_ctx ctx, struct filter *out, struct err *e)
{
	auto_fd fd = memfd_create("seccomp", MFD_CLOEXEC);
	size_t len = 0;
	char *code;
	int r = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);

	if (r >= 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r >= 0)
		r = fd_read_all(a, fd, 1 << 20, &code, &len);
	if (r < 0)
		return err_num(e, r, "linux.seccomp: compile the program");
	if (len > BPF_MAXINSNS * sizeof(struct sock_filter))
		return err_set(e, E2BIG, "linux.seccomp: the program has %zu instructions, but Linux takes at most %d",
			       len / sizeof(struct sock_filter), BPF_MAXINSNS);
	out->program.len = (unsigned short)(len / sizeof(struct sock_filter));
	out->program.filter = (struct sock_filter *)(void *)code;
	return 0;
}

static int compile(struct arena *a, scmp_filter_ctx ctx, const struct oci_seccomp *s, struct filter *out, struct err *e)
{
	int r = add_arches(ctx, s, e);

	/* A balanced tree loads three to six times faster: the kernel runs the program once per call number. */
	if (!r)
		(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < s->syscalls.len && !r; i++)
		r = add_rule(ctx, s, i, e);
	return r ? r : export(a, ctx, out, e);
}

/* The call that hands over the listener is the first after loading: it would wait for an answer that nobody can give. */
static bool notifies_itself(const struct oci_seccomp_rule *r)
{
	bool sends = false;

	for (size_t i = 0; i < r->names.len; i++)
		sends |= !strcmp(r->names.at[i], "sendmsg");
	return sends && r->action == OCI_ACT_NOTIFY;
}

int filter_compile(struct arena *a, const struct oci_seccomp *s, struct filter *out, struct err *e)
{
	scmp_filter_ctx ctx;
	int r;

	*out = (struct filter){ 0 };
	if (!s)
		return 0;
	for (size_t i = 0; i < s->flags.len; i++)
		out->flags |= (unsigned)s->flags.at[i];
	out->notify = s->default_action == OCI_ACT_NOTIFY;
	for (size_t i = 0; i < s->syscalls.len; i++) {
		out->notify |= s->syscalls.at[i].action == OCI_ACT_NOTIFY;
		if (notifies_itself(&s->syscalls.at[i]))
			return err_set(e, EINVAL, "linux.seccomp.syscalls[%zu]: SCMP_ACT_NOTIFY for sendmsg would stop the start itself, "
						  "which hands over the listener with that call", i);
	}
	if (out->notify && !s->listener_path)
		return err_set(e, EINVAL, "linux.seccomp: SCMP_ACT_NOTIFY needs listenerPath, the socket that receives the notifications");
	if (out->notify)
		out->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	ctx = seccomp_init(action(s->default_action, s->default_errno));
	if (!ctx)
		return err_set(e, ENOMEM, "linux.seccomp: start a program with defaultAction %s",
			       word_name(oci_seccomp_actions, s->default_action));
	r = compile(a, ctx, s, out, e);
	seccomp_release(ctx);
	return r;
}

int filter_load(const struct filter *f, struct err *e)
{
	int r;

	if (!f->program.len)
		return 0;
	r = sys_seccomp_load(f->flags, &f->program);
	return r < 0 ? err_num(e, r, "load the seccomp program of %u instructions", f->program.len) : r;
}
