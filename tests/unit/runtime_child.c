/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of the child's steps is the security of the container: these are its rules. */
#include "runtime/child.h"

#include "unit.h"

struct rule {
	const char *first, *then, *why;
};

static const struct rule init_rules[] = {
	{ "fresh_signals", "wait_maps", "a blocked signal would reach the program" },
	{ "wait_maps", "join", "without ids nothing can be joined with privilege" },
	{ "join", "become_root", "joining needs the caller's privilege" },
	{ "become_root", "build_root", "files are made as the mapped root" },
	{ "become_root", "hide", "a change of ids makes the process dumpable as the host says" },
	{ "hide", "new_session", "nobody inside may look at us from the first moment (CVE-2016-9962)" },
	{ "hide", "build_root", "the same, before anything of the image is there" },
	{ "new_session", "terminal", "a terminal is taken by a session that has none" },
	{ "settings", "build_root", "the umask would change what is made" },
	{ "take_trees", "build_root", "they are its parts" },
	{ "open_procfs", "build_root", "the image could show another /proc (CVE-2019-16884, CVE-2025-52881)" },
	{ "sysctls", "build_root", "the same" },
	{ "build_root", "host_hooks", "config.md: createRuntime runs after the mounts" },
	{ "host_hooks", "create_hooks", "config.md: createContainer comes after createRuntime" },
	{ "create_hooks", "restrict_paths", "a hook may mount, and must not mount over a mask" },
	{ "create_hooks", "enter_root", "config.md: createContainer runs before pivot_root" },
	{ "build_root", "terminal", "it comes from the container's own devpts" },
	{ "restrict_paths", "enter_root", "with the host's root in reach, before the container's is the only one" },
	{ "take_trees", "enter_root", "nothing is mounted after the root is entered" },
	{ "open_procfs", "enter_root", "nothing is mounted after the root is entered" },
	{ "build_root", "enter_root", "nothing is mounted after the root is entered" },
	{ "terminal", "enter_root", "nothing is mounted after the root is entered" },
	{ "enter_root", "load_filter", "a filter may forbid pivot_root" },
	{ "enter_root", "chdir_as_root", "the directory is the container's (CVE-2024-21626)" },
};

static const struct rule both_rules[] = {
	{ "stdio", "user", "only root may give streams away" },
	{ "keyring", "user", "it belongs to the container's root first" },
	{ "limits", "user", "raising a hard limit needs a capability" },
	{ "limits", "bounding", "the same" },
	{ "labels", "user", "the files in /proc are root's" },
	{ "chdir_as_root", "user", "a private directory works for root only" },
	{ "user_caps", "load_filter", "without no_new_privs a filter needs CAP_SYS_ADMIN" },
	{ "find_program", "load_filter", "the profile need not allow what only the start does" },
	{ "close_others", "load_filter", "the same" },
	{ "bounding", "user", "dropping needs CAP_SETPCAP, which a change of user may lose" },
	{ "user", "caps", "ids before capabilities: the change of user would clear them" },
	{ "user", "chdir_as_user", "the second try is the user's" },
	{ "caps", "stay_hidden", "the change of user set dumpable to fs.suid_dumpable" },
	{ "caps", "find_program", "the program is found with the privilege that will run it" },
	{ "caps", "no_new_privs", "nothing is gained after it" },
	{ "close_others", "ready", "what is told ready holds nothing of the host any more" },
	{ "ready", "wait_go", "the parent waits for ready" },
	{ "wait_go", "execute", "start decides" },
};

static const struct rule exec_rules[] = {
	{ "hide", "join_by_pidfd", "members look at us at once (CVE-2016-9962)" },
	{ "join_by_pidfd", "become_root", "the ids exist only inside" },
	{ "join_by_pidfd", "open_procfs", "of the container's pid namespace" },
	{ "join_by_pidfd", "open_own_root", "it is the container's" },
	{ "become_root", "user", "root first, then the user" },
	{ "new_session", "terminal", "a terminal is taken by a session that has none" },
	{ "open_procfs", "labels", "labels are written there" },
	{ "join_by_pidfd", "load_filter", "a filter may forbid setns" },
};

static size_t number_of(enum child_role role)
{
	size_t n = 0;

	while (child_step_name(role, n))
		n++;
	return n;
}

/* Where a step stands; the n-th of that name, SIZE_MAX when there is none. */
static size_t place(enum child_role role, const char *name, unsigned nth)
{
	for (size_t i = 0; child_step_name(role, i); i++)
		if (!strcmp(child_step_name(role, i), name) && !nth--)
			return i;
	return SIZE_MAX;
}

static void obeys(enum child_role role, const struct rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t first = place(role, rules[i].first, 0), then = place(role, rules[i].then, 0);

		if (first == SIZE_MAX || then == SIZE_MAX)
			fail_msg("no step %s", first == SIZE_MAX ? rules[i].first : rules[i].then);
		if (first >= then)
			fail_msg("%s must come before %s: %s", rules[i].first, rules[i].then, rules[i].why);
	}
}

static void create(void **state)
{
	(void)state;
	obeys(CHILD_INIT, init_rules, COUNT(init_rules));
	obeys(CHILD_INIT, both_rules, COUNT(both_rules));
	assert_true(place(CHILD_INIT, "ready", 0) < place(CHILD_INIT, "wait_start", 0));
	assert_true(place(CHILD_INIT, "wait_start", 0) < place(CHILD_INIT, "start_hooks", 0));
}

static void exec(void **state)
{
	(void)state;
	obeys(CHILD_EXEC, exec_rules, COUNT(exec_rules));
	obeys(CHILD_EXEC, both_rules, COUNT(both_rules));
}

/* The late filter stands directly before the program, the early one where privilege is left. */
static void the_filters_places(void **state)
{
	(void)state;
	for (int role = CHILD_INIT; role <= CHILD_EXEC; role++) {
		size_t early = place((enum child_role)role, "load_filter", 0);
		size_t late = place((enum child_role)role, "load_filter", 1);
		size_t program = place((enum child_role)role, "execute", 0);

		assert_int_equal(late, program - 1);
		assert_int_equal(program, number_of((enum child_role)role) - 1);
		assert_true(early < place((enum child_role)role, "caps", 1));
		assert_int_equal(place((enum child_role)role, "caps", 2), SIZE_MAX);
		assert_true(place((enum child_role)role, "no_new_privs", 0) < late);
		assert_int_equal(place((enum child_role)role, "load_filter", 2), SIZE_MAX);
	}
}

static void no_step_twice(void **state)
{
	(void)state;
	for (int role = CHILD_INIT; role <= CHILD_EXEC; role++) {
		assert_string_equal(child_step_name((enum child_role)role, 0), "fresh_signals");
		for (size_t i = 0; child_step_name((enum child_role)role, i); i++) {
			const char *name = child_step_name((enum child_role)role, i);

			if (strcmp(name, "load_filter") && strcmp(name, "caps"))
				assert_int_equal(place((enum child_role)role, name, 1), SIZE_MAX);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create),
		cmocka_unit_test(exec),
		cmocka_unit_test(the_filters_places),
		cmocka_unit_test(no_step_twice),
	};

	return RUN(tests);
}
