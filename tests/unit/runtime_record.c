/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a container between commands: written whole, read with suspicion. */
#include "runtime/record.h"

#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/proc.h"
#include "unit.h"

static struct ct_record full(void)
{
	static int kinds[] = { CLONE_NEWPID, CLONE_NEWNS };
	static struct oci_mapping ids[] = { { 0, 1000, 1 }, { 1, 100000, 4294867295U } };
	static struct pair notes[] = { { "a.b", "c\n\"d\"" }, { "", "ä" } };

	return (struct ct_record){
		.id = "c1", .bundle = "/b", .rootfs = "/b/rootfs", .created = "2026-01-02T03:04:05.000000006Z",
		.owner = "root", .pid = 4194304, .start = UINT64_MAX, .cgroup_mount = "/sys/fs/cgroup",
		.cgroup = "/kist-c1", .namespaces = { kinds, 2 }, .uids = { ids, 2 }, .gids = { ids, 1 },
		.deny_setgroups = true, .hooks = true, .annotations = { notes, 2 },
	};
}

static void round_trip(void **state)
{
	auto_scratch s = scratch_make();
	auto_arena a = { 0 };
	struct ct_record in = full(), out = { 0 };
	struct err e = { 0 };
	auto_fd dir = record_make_dir(scratch_path(&s, "run/kist"), "c1", &e);
	struct stat st;

	(void)state;
	assert_true(dir >= 0);
	assert_int_equal(record_save(&a, dir, &in, &e), 0);
	assert_int_equal(record_load(&a, dir, "c1", &out, &e), 0);
	assert_string_equal(out.id, in.id);
	assert_string_equal(out.bundle, in.bundle);
	assert_string_equal(out.rootfs, in.rootfs);
	assert_string_equal(out.created, in.created);
	assert_string_equal(out.owner, in.owner);
	assert_true(out.pid == in.pid && out.start == in.start);
	assert_string_equal(out.cgroup_mount, in.cgroup_mount);
	assert_string_equal(out.cgroup, in.cgroup);
	assert_int_equal(record_namespaces(&out), CLONE_NEWPID | CLONE_NEWNS);
	assert_int_equal(out.uids.len, 2);
	assert_int_equal(out.uids.at[1].size, 4294867295U);
	assert_int_equal(out.gids.len, 1);
	assert_true(out.deny_setgroups && out.hooks);
	assert_int_equal(out.annotations.len, 2);
	assert_string_equal(out.annotations.at[0].value, "c\n\"d\"");
	assert_int_equal(fstatat(s.fd, "run/kist/c1", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fstatat(dir, "record.json", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(record_remove_dir(scratch_path(&s, "run/kist"), "c1", dir, &e), 0);
	assert_int_equal(entries_in(scratch_path(&s, "run/kist")), 0);
}

static void an_id_is_taken_once(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };
	auto_fd dir = record_make_dir(s.path, "c1", &e);

	(void)state;
	assert_true(dir >= 0);
	assert_int_equal(record_make_dir(s.path, "c1", &e), -EEXIST);
	assert_memory_equal(e.msg, "container with given ID already exists", 38);
	assert_int_equal(record_open_dir(s.path, "c2", RECORD_CHANGE, &e), -ENOENT);
	assert_memory_equal(e.msg, "container does not exist", 24); /* engines look for it */
	assert_int_equal(record_open_dir(s.path, "../c1", RECORD_READ, &e), -EINVAL);
	assert_int_equal(symlinkat("c1", s.fd, "c3"), 0);
	assert_true(record_open_dir(s.path, "c3", RECORD_READ, &e) < 0);
}

/* Left by a kist that was killed, or made by somebody else. */
static void what_may_lie_there(void **state)
{
	auto_scratch s = scratch_make();
	auto_arena a = { 0 };
	struct ct_record r;
	struct err e = { 0 };
	auto_fd dir = record_make_dir(s.path, "c1", &e);

	(void)state;
	assert_int_equal(record_load(&a, dir, "c1", &r, &e), 0); /* nothing yet */
	assert_true(r.pid == 0 && !strcmp(r.id, "c1"));
	assert_int_equal(symlinkat("/etc/passwd", dir, "record.json"), 0);
	assert_true(record_load(&a, dir, "c1", &r, &e) < 0);
	unlinkat(dir, "record.json", 0);
	assert_int_equal(mkfifoat(dir, "record.json", 0600), 0);
	assert_true(record_load(&a, dir, "c1", &r, &e) < 0);
	unlinkat(dir, "record.json", 0);
	scratch_write(&s, "c1/record.json", "{\"id\": \"c1\", \"bund");
	assert_true(record_load(&a, dir, "c1", &r, &e) < 0);
	scratch_write(&s, "c1/record.json", "{\"id\": \"c1\", \"bundle\": \"/b\", \"pid\": 1, \"later\": [1]}");
	assert_int_equal(record_load(&a, dir, "c1", &r, &e), 0); /* of a newer kist */
	assert_int_equal(r.pid, 1);
	scratch_write(&s, "c1/.record.json.new", "half");
	assert_int_equal(record_remove_dir(s.path, "c1", dir, &e), 0);
	assert_int_equal(entries_in(s.path), 0);
}

/* A pid alone proves nothing: it is reused. */
static void a_reused_pid_is_not_it(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };
	auto_fd lock = record_make_dir(s.path, "c1", &e);
	auto_fd dir = record_open_dir(s.path, "c1", RECORD_READ, &e);
	auto_fd pidfd = -1;
	struct ct_record r = { .id = "c1", .bundle = "/b" };

	(void)state;
	assert_int_equal(record_status(dir, &r, RECORD_READ), CT_CREATING);
	assert_int_equal(record_unlock(lock), 0);
	assert_int_equal(record_status(dir, &r, RECORD_READ), CT_STOPPED); /* its maker is dead */
	assert_int_equal(record_pidfd(&r), -ESRCH);
	r.pid = getpid();
	assert_int_equal(proc_start(getpid(), &r.start, NULL), 0);
	assert_int_equal(record_status(dir, &r, RECORD_READ), CT_RUNNING);
	pidfd = record_pidfd(&r);
	assert_true(pidfd >= 0);
	r.start++;
	assert_int_equal(record_status(dir, &r, RECORD_READ), CT_STOPPED);
	assert_int_equal(record_pidfd(&r), -ESRCH);
}

static void a_zombie_has_stopped(void **state)
{
	auto_scratch s = scratch_make();
	struct ct_record r = { .id = "c1", .bundle = "/b" };
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(0);
	usleep(50000);
	r.pid = pid;
	assert_int_equal(proc_start(pid, &r.start, NULL), 0);
	assert_int_equal(record_status(s.fd, &r, RECORD_READ), CT_STOPPED);
	assert_int_equal(record_pidfd(&r), -ESRCH);
	waitpid(pid, &status, 0);
}

/* Who waits at the socket is created, not running; a long --root is no obstacle. */
static void the_start_socket(void **state)
{
	auto_scratch s = scratch_make();
	struct err e = { 0 };
	char deep[200];
	auto_fd dir = -1;
	auto_fd listener = -1;
	auto_fd to = -1;
	struct ct_record r = { .id = "c1", .bundle = "/b", .pid = getpid() };

	(void)state;
	snprintf(deep, sizeof(deep), "%s/%0120d", s.path, 0);
	dir = record_make_dir(deep, "c1", &e);
	assert_true(dir >= 0);
	assert_int_equal(record_connect(dir, false), -ENOENT);
	listener = record_listen(dir, &e);
	assert_true(listener >= 0);
	assert_int_equal(proc_start(getpid(), &r.start, NULL), 0);
	assert_int_equal(record_status(dir, &r, RECORD_READ), CT_CREATED);
	to = record_connect(dir, false);
	assert_true(to >= 0);
	fd_done(&listener);
	assert_int_equal(record_connect(dir, false), -ECONNREFUSED);
	assert_int_equal(record_status(dir, &r, RECORD_READ), CT_RUNNING);
	record_started(dir);
	assert_int_equal(record_connect(dir, false), -ENOENT);
}

static void the_private_copy_is_written_once(void **state)
{
	static const char config[] = "{\"ociVersion\": \"1.3.0\", \"root\": {\"path\": \"r\"}}";
	auto_scratch s = scratch_make();
	auto_arena a = { 0 };
	struct oci_spec spec = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(record_save_config(s.fd, config, strlen(config), &e), 0);
	assert_true(record_save_config(s.fd, config, strlen(config), &e) < 0);
	assert_int_equal(record_load_config(&a, s.fd, &spec, &e), 0);
	assert_string_equal(spec.root->path, "r");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(an_id_is_taken_once),
		cmocka_unit_test(what_may_lie_there),
		cmocka_unit_test(a_reused_pid_is_not_it),
		cmocka_unit_test(a_zombie_has_stopped),
		cmocka_unit_test(the_start_socket),
		cmocka_unit_test(the_private_copy_is_written_once),
	};

	return RUN(tests);
}
