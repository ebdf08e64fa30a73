/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.seccomp as the kernel sees it: each profile is compiled, loaded in a child, and probed there. */
#include "runtime/filter.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/text.h"
#include "unit.h"

#define HIGH (1ULL << 40)
/* A profile that allows all but what its rules say; a rule that refuses socket(2) by its arguments. */
#define DENY(rules) "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" rules "]}"
#define SOCKET(args) \
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":13,\"args\":[" args "]}"
#define FAMILY(op, value) "{\"index\":0,\"op\":\"SCMP_CMP_" op "\",\"value\":" value "}"

static int compile(struct arena *a, const char *seccomp, struct filter *f, struct err *e)
{
	const char *text = arena_printf(a, "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},"
					   "\"linux\":{\"seccomp\":%s}}", seccomp);
	struct oci_spec spec = { 0 };
	int r = oci_parse_spec(a, "c", text, strlen(text), &spec, e);

	return r ? r : filter_compile(a, NULL, spec.linux_->seccomp, f, e);
}

struct probe {
	long nr;
	unsigned long long arg;
	int want; /* errno, 0: the call does what it does */
};

/* The first probe that answers otherwise, as 1 + its place; 0 when all are right. */
static int differs(const struct filter *f, const struct probe *probes)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || filter_load(f, NULL) < 0)
		return 100;
	for (int i = 0; probes[i].nr >= 0; i++) {
		long r = syscall(probes[i].nr, probes[i].arg, SOCK_DGRAM, 0, 0, 0, 0);

		if (probes[i].want ? r >= 0 || errno != probes[i].want : r < 0)
			return i + 1;
	}
	return 0;
}

static void check(const char *seccomp, const struct probe *probes)
{
	auto_arena a = { 0 };
	struct filter f;
	struct err e = { 0 };
	int status = 0, r = compile(&a, seccomp, &f, &e);
	pid_t pid;

	if (r)
		fail_msg("%s", e.msg);
	pid = fork();
	if (pid == 0)
		syscall(SYS_exit_group, differs(&f, probes)); /* _exit(3) of a sanitizer makes other calls before */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("probe %d of %s", WEXITSTATUS(status) - 1, seccomp);
}

/* The kernel takes 32 bits of an int and seccomp sees 64: only the masked comparison holds. */
static void a_socket_family(void **state)
{
	static const struct probe plain[] = {
		{ SYS_socket, AF_NETLINK, EACCES },
		{ SYS_socket, AF_NETLINK | HIGH, 0 }, /* the trap that profiles must know */
		{ SYS_socket, AF_INET, 0 },
		{ -1, 0, 0 },
	};
	static const struct probe masked[] = {
		{ SYS_socket, AF_NETLINK, EACCES },
		{ SYS_socket, AF_NETLINK | HIGH, EACCES },
		{ SYS_socket, AF_INET | HIGH, 0 },
		{ -1, 0, 0 },
	};

	(void)state;
	check(DENY(SOCKET(FAMILY("EQ", "16"))), plain);
	check(DENY(SOCKET(FAMILY("MASKED_EQ", "4294967295,\"valueTwo\":16"))), masked);
}

static void a_list_of_what_is_allowed(void **state)
{
	static const struct probe probes[] = {
		{ SYS_getpid, 0, 0 },
		{ SYS_socket, AF_INET, ENOSYS },
		{ SYS_getuid, 0, ENOSYS },
		{ -1, 0, 0 },
	};

	(void)state;
	check("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":["
	      "{\"names\":[\"getpid\",\"exit_group\",\"no_such_call\"],\"action\":\"SCMP_ACT_ALLOW\"},"
	      "{\"names\":[\"getuid\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}]}", probes);
}

/* An argument named twice in a rule means any of its values, also when an earlier rule has one of them. */
static void an_argument_named_twice(void **state)
{
	static const struct probe probes[] = {
		{ SYS_socket, AF_UNIX, EACCES },
		{ SYS_socket, AF_INET, EACCES },
		{ SYS_socket, AF_NETLINK, EACCES },
		{ SYS_socket, AF_INET6, 0 },
		{ -1, 0, 0 },
	};

	(void)state;
	check(DENY(SOCKET(FAMILY("EQ", "1")) ","
		   SOCKET(FAMILY("EQ", "1") "," FAMILY("EQ", "2") "," FAMILY("EQ", "16"))), probes);
}

static void comparisons(void **state)
{
	static const struct {
		const char *op;
		unsigned long long below, at, above; /* blocked? around 1000 */
	} ops[] = {
		{ "NE", 1, 0, 1 }, { "LT", 1, 0, 0 }, { "LE", 1, 1, 0 },
		{ "EQ", 0, 1, 0 }, { "GE", 0, 1, 1 }, { "GT", 0, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++) {
		auto_arena a = { 0 };
		/* getpid(2) looks at no argument, so that only the filter decides. */
		struct probe probes[] = {
			{ SYS_getpid, 999, ops[i].below ? EPERM : 0 }, { SYS_getpid, 1000, ops[i].at ? EPERM : 0 },
			{ SYS_getpid, 1001, ops[i].above ? EPERM : 0 }, { -1, 0, 0 },
		};

		check(arena_printf(&a, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"getpid\"],"
				       "\"action\":\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":0,\"value\":1000,"
				       "\"op\":\"SCMP_CMP_%s\"}]}]}", ops[i].op), probes);
	}
}

static void no_filter_is_no_program(void **state)
{
	auto_arena a = { 0 };
	struct filter f = { .flags = 7 };

	(void)state;
	assert_int_equal(filter_compile(&a, NULL, NULL, &f, NULL), 0);
	assert_int_equal(f.program.len, 0);
	assert_int_equal(f.flags, 0);
	assert_int_equal(filter_load(&f, NULL), 0);
}

static void notifications_need_a_listener(void **state)
{
	auto_arena a = { 0 };
	struct filter f;
	struct err e;

	(void)state;
	assert_true(compile(&a, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":"
				"[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}", &f, &e) < 0);
	assert_int_equal(compile(&a, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/s\",\"syscalls\":"
				     "[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}", &f, &e), 0);
	assert_true(f.notify && f.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

/* What the specification lets a document say together, the kernel does not take together. */
static void flags_that_exclude_each_other(void **state)
{
	static const char *const documents[] = {
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\",\"SECCOMP_FILTER_FLAG_TSYNC\"]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_TSYNC\"],\"listenerPath\":\"/s\",\"syscalls\":"
		"[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(documents); i++) {
		auto_arena a = { 0 };
		struct filter f;
		int status = 0;
		pid_t pid;

		assert_int_equal(compile(&a, documents[i], &f, NULL), 0);
		pid = fork();
		if (pid == 0)
			syscall(SYS_exit_group, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || filter_load(&f, NULL) < 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

/* sock_fprog counts in 16 bits: a longer program must not lose its beginning or its end. */
static void a_program_that_is_too_long(void **state)
{
	auto_arena a = { 0 };
	struct text t = { .arena = &a };
	struct filter f;
	struct err e = { 0 };

	(void)state;
	text_add(&t, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[");
	for (int i = 0; i < 6000; i++)
		text_add(&t, "%s{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":0,\"value\":%d,"
			     "\"op\":\"SCMP_CMP_EQ\"}]}", i ? "," : "", i);
	text_add(&t, "]}");
	assert_int_equal(compile(&a, t.at, &f, &e), -E2BIG);
	assert_non_null(strstr(e.msg, "Linux takes at most 4096"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_family),
		cmocka_unit_test(a_list_of_what_is_allowed),
		cmocka_unit_test(an_argument_named_twice),
		cmocka_unit_test(comparisons),
		cmocka_unit_test(no_filter_is_no_program),
		cmocka_unit_test(notifications_need_a_listener),
		cmocka_unit_test(flags_that_exclude_each_other),
		cmocka_unit_test(a_program_that_is_too_long),
	};

	return RUN(tests);
}
