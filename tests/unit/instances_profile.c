/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seccomp profiles of engines: which rules hold, for which capabilities, on which machine and kernel. */
#include "instances/profile.h"

#include "base/arena.h"
#include "unit.h"

#if defined(__x86_64__)
#define HERE "amd64"
#else
#define HERE "arm64"
#endif

static int read_text(struct arena *a, const char *text, const struct inst_profile **p, struct err *e)
{
	auto_scratch s = scratch_make();

	scratch_write(&s, "profile.json", text);
	return inst_profile_read(a, scratch_path(&s, "profile.json"), p, e);
}

/* A profile with one rule for mount and these conditions. */
static bool holds(const char *conditions, const char *cap)
{
	auto_arena a = { 0 };
	struct oci_capabilities caps = { .bounding = { &cap, cap ? 1 : 0 } };
	const struct inst_profile *p;
	const struct oci_seccomp *s;
	struct err e = { 0 };

	if (read_text(&a, arena_printf(&a, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"mount\"],"
					   "\"action\":\"SCMP_ACT_ALLOW\",\"args\":null%s}]}", conditions), &p, &e))
		fail_msg("%s", e.msg);
	s = inst_profile_for(&a, p, cap ? &caps : NULL);
	assert_true(s->syscalls.len < 2);
	return s->syscalls.len;
}

static void capabilities(void **state)
{
	static const char in[] = ",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", out[] = ",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}";

	(void)state;
	assert_true(holds("", NULL));
	assert_true(holds(",\"includes\":{},\"excludes\":{}", NULL));
	assert_false(holds(in, NULL));
	assert_false(holds(in, "CAP_CHOWN"));
	assert_true(holds(in, "CAP_SYS_ADMIN"));
	assert_true(holds(out, NULL));
	assert_false(holds(out, "CAP_SYS_ADMIN"));
	assert_false(holds(",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", "CAP_BPF")); /* all of them */
	assert_false(holds(",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", "CAP_BPF")); /* any of them */
}

static void machines_and_kernels(void **state)
{
	(void)state;
	assert_true(holds(",\"includes\":{\"arches\":[\"ppc64le\",\"" HERE "\"]}", NULL));
	assert_false(holds(",\"includes\":{\"arches\":[\"ppc64le\"]}", NULL));
	assert_false(holds(",\"excludes\":{\"arches\":[\"" HERE "\"]}", NULL));
	assert_true(holds(",\"excludes\":{\"arches\":[\"ppc64le\"]}", NULL));
	assert_true(holds(",\"includes\":{\"minKernel\":\"4.8\"}", NULL));
	assert_false(holds(",\"includes\":{\"minKernel\":\"99.0\"}", NULL));
	assert_false(holds(",\"excludes\":{\"minKernel\":\"4.8\"}", NULL));
	assert_true(holds(",\"excludes\":{\"minKernel\":\"99.0\"}", NULL));
}

static void architectures(void **state)
{
	static const char text[] = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":["
				   "{\"architecture\":\"SCMP_ARCH_S390X\",\"subArchitectures\":[\"SCMP_ARCH_S390\"]},"
				   "{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X86\"]},"
				   "{\"architecture\":\"SCMP_ARCH_AARCH64\",\"subArchitectures\":[\"SCMP_ARCH_ARM\"]}]%s}";
	auto_arena a = { 0 };
	const struct inst_profile *p;
	const struct oci_seccomp *s;

	(void)state;
	assert_int_equal(read_text(&a, arena_printf(&a, text, ""), &p, NULL), 0);
	s = inst_profile_for(&a, p, NULL);
	assert_int_equal(s->architectures.len, 2);
	assert_string_equal(s->architectures.at[1], strcmp(HERE, "amd64") ? "SCMP_ARCH_ARM" : "SCMP_ARCH_X86");
	assert_int_equal(read_text(&a, arena_printf(&a, text, ",\"architectures\":[\"SCMP_ARCH_X32\"]"), &p, NULL), 0);
	assert_string_equal(inst_profile_for(&a, p, NULL)->architectures.at[0], "SCMP_ARCH_X32");
}

static void refused(const char *text, const char *says)
{
	auto_arena a = { 0 };
	const struct inst_profile *p;
	struct err e = { 0 };

	assert_true(read_text(&a, text, &p, &e) < 0);
	if (!strstr(e.msg, says))
		fail_msg("\"%s\" does not say \"%s\"", e.msg, says);
}

static void what_is_not_understood(void **state)
{
	(void)state;
	refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\","
		"\"includes\":{\"moon\":\"full\"}}]}", "syscalls[0].includes.moon");
	refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\","
		"\"includes\":{\"minKernel\":\"new\"}}]}", "\"new\" is no version");
	refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[],\"action\":\"SCMP_ACT_ERRNO\"}]}", "syscalls[0].names");
	refused("{}", "defaultAction");
	refused("[", "profile.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities),
		cmocka_unit_test(machines_and_kernels),
		cmocka_unit_test(architectures),
		cmocka_unit_test(what_is_not_understood),
	};

	return RUN(tests);
}
