/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "linux.seccomp": config-linux.md, "Seccomp". */
#include <errno.h>
#include <linux/seccomp.h>

#include "oci/tables.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

const struct word oci_seccomp_actions[] = {
	{ "SCMP_ACT_KILL", OCI_ACT_KILL },
	{ "SCMP_ACT_KILL_PROCESS", OCI_ACT_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", OCI_ACT_KILL_THREAD },
	{ "SCMP_ACT_TRAP", OCI_ACT_TRAP },
	{ "SCMP_ACT_ERRNO", OCI_ACT_ERRNO },
	{ "SCMP_ACT_TRACE", OCI_ACT_TRACE },
	{ "SCMP_ACT_ALLOW", OCI_ACT_ALLOW },
	{ "SCMP_ACT_LOG", OCI_ACT_LOG },
	{ "SCMP_ACT_NOTIFY", OCI_ACT_NOTIFY },
	{ NULL, 0 },
};

const struct word oci_seccomp_ops[] = {
	{ "SCMP_CMP_NE", OCI_CMP_NE },
	{ "SCMP_CMP_LT", OCI_CMP_LT },
	{ "SCMP_CMP_LE", OCI_CMP_LE },
	{ "SCMP_CMP_EQ", OCI_CMP_EQ },
	{ "SCMP_CMP_GE", OCI_CMP_GE },
	{ "SCMP_CMP_GT", OCI_CMP_GT },
	{ "SCMP_CMP_MASKED_EQ", OCI_CMP_MASKED_EQ },
	{ NULL, 0 },
};

/* Only the names matter: libseccomp knows the numbers. */
const struct word oci_seccomp_archs[] = {
	{ "SCMP_ARCH_X86", 0 },
	{ "SCMP_ARCH_X86_64", 0 },
	{ "SCMP_ARCH_X32", 0 },
	{ "SCMP_ARCH_ARM", 0 },
	{ "SCMP_ARCH_AARCH64", 0 },
	{ "SCMP_ARCH_LOONGARCH64", 0 },
	{ "SCMP_ARCH_M68K", 0 },
	{ "SCMP_ARCH_MIPS", 0 },
	{ "SCMP_ARCH_MIPS64", 0 },
	{ "SCMP_ARCH_MIPS64N32", 0 },
	{ "SCMP_ARCH_MIPSEL", 0 },
	{ "SCMP_ARCH_MIPSEL64", 0 },
	{ "SCMP_ARCH_MIPSEL64N32", 0 },
	{ "SCMP_ARCH_PPC", 0 },
	{ "SCMP_ARCH_PPC64", 0 },
	{ "SCMP_ARCH_PPC64LE", 0 },
	{ "SCMP_ARCH_S390", 0 },
	{ "SCMP_ARCH_S390X", 0 },
	{ "SCMP_ARCH_SH", 0 },
	{ "SCMP_ARCH_SHEB", 0 },
	{ "SCMP_ARCH_PARISC", 0 },
	{ "SCMP_ARCH_PARISC64", 0 },
	{ "SCMP_ARCH_RISCV64", 0 },
	{ NULL, 0 },
};

const struct word oci_seccomp_flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
	{ NULL, 0 },
};

#define S struct oci_seccomp_arg
static const struct field arg_fields[] = {
	F_U32_IN(S, index, "index", REQUIRED, 0, 5),
	F_U64(S, value, "value", REQUIRED),
	F_OPT_U64(S, value_two, "valueTwo"),
	F_WORD(S, op, "op", REQUIRED, oci_seccomp_ops),
};
static const struct object arg = OBJECT(S, arg_fields, NULL);
#undef S

enum { ERRNO_MAX = 4095 }; /* MAX_ERRNO: the kernel caps what a filter may return */

static bool takes_errno(int action)
{
	return action == OCI_ACT_ERRNO || action == OCI_ACT_TRACE;
}

static int check_errno(const struct json *v, const char *key, int action, const uint32_t *n, struct err *e)
{
	if (!n || !*n)
		return 0;
	if (!takes_errno(action))
		return oci_bad_key(
			v, key, e,
			"%s does not take an error number, only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do",
			word_name(oci_seccomp_actions, action));
	if (action == OCI_ACT_ERRNO && *n > ERRNO_MAX)
		return oci_bad_key(v, key, e, "%u is out of range, expected 0 to %d", *n, ERRNO_MAX);
	return 0;
}

static int check_rule(const void *p, const struct json *v, struct err *e)
{
	const struct oci_seccomp_rule *r = p;

	if (!r->names.len)
		return oci_bad_key(v, "names", e, "expected at least one system call");
	for (size_t i = 0; i < r->names.len; i++)
		if (!*r->names.at[i])
			return oci_bad_item(v, "names", i, e, "the name is empty");
	return check_errno(v, "errnoRet", r->action, r->errno_ret, e);
}

#define S struct oci_seccomp_rule
static const struct field rule_fields[] = {
	F_STRS(S, names, "names", REQUIRED),
	F_WORD(S, action, "action", REQUIRED, oci_seccomp_actions),
	F_OPT_U32(S, errno_ret, "errnoRet"),
	F_LIST(S, args, struct oci_seccomp_arg, "args", &arg),
};
static const struct object rule = OBJECT(S, rule_fields, check_rule);
#undef S

static int check_seccomp(const void *p, const struct json *v, struct err *e)
{
	const struct oci_seccomp *s = p;
	bool notify = false;

	for (size_t i = 0; i < s->syscalls.len; i++)
		notify |= s->syscalls.at[i].action == OCI_ACT_NOTIFY;
	if (s->default_action == OCI_ACT_NOTIFY)
		return oci_bad_key(
			v, "defaultAction", e,
			"SCMP_ACT_NOTIFY cannot be the default: the container could not even start");
	/* Without that action the path is ignored, says the specification. */
	if (notify && (!s->listener_path || *s->listener_path != '/'))
		return oci_bad_key(v, "listenerPath", e,
				   "SCMP_ACT_NOTIFY needs the absolute path of a socket here");
	if (s->listener_metadata && *s->listener_metadata && !s->listener_path)
		return oci_bad_key(v, "listenerMetadata", e, "there is no listenerPath to send it to");
	return check_errno(v, "defaultErrnoRet", s->default_action, s->default_errno, e);
}

#define S struct oci_seccomp
static const struct field seccomp_fields[] = {
	F_WORD(S, default_action, "defaultAction", REQUIRED, oci_seccomp_actions),
	F_OPT_U32(S, default_errno, "defaultErrnoRet"),
	F_TOKENS(S, architectures, "architectures", oci_seccomp_archs),
	F_WORDS(S, flags, "flags", oci_seccomp_flags),
	F_STR(S, listener_path, "listenerPath", 0),
	F_STR(S, listener_metadata, "listenerMetadata", 0),
	F_LIST(S, syscalls, struct oci_seccomp_rule, "syscalls", &rule),
};
const struct object oci_seccomp_object = OBJECT(S, seccomp_fields, check_seccomp);
#undef S
