/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/proc.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "unit.h"

static int sh(const char *script, struct proc_job extra, struct err *e)
{
	const char *const argv[] = { "sh", "-c", script, NULL }, *const none[] = { NULL };
	struct proc_job job = extra;

	job.path = "/bin/sh";
	job.argv = argv;
	if (!job.envp)
		job.envp = none;
	return proc_run(&job, e);
}

static void exit_codes(void **state)
{
	(void)state;
	assert_int_equal(proc_exit_code(0), 0);
	assert_int_equal(proc_exit_code(7 << 8), 7);
	assert_int_equal(proc_exit_code(255 << 8), 255);
	assert_int_equal(proc_exit_code(SIGKILL), 137);
	assert_int_equal(proc_exit_code(SIGSEGV | 0x80), 128 + SIGSEGV); /* with a core dump */
	assert_int_equal(proc_exit_code(0x137f), -1);			  /* stopped */
}

/* As long as a busy machine takes. */
static void await_state(pid_t pid, char want)
{
	uint64_t start;
	char c = '?';

	for (int i = 0; i < 1000 && c != want; i++) {
		usleep(10000);
		assert_int_equal(proc_start(pid, &start, &c), 0);
	}
	assert_int_equal(c, want);
}

/* The name in /proc/PID/stat is the process's own choice, and may look like fields. */
static void start_time_names_a_process(void **state)
{
	uint64_t mine, again, its = 0;
	char c = '?';
	int p[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(proc_start(getpid(), &mine, &c), 0);
	assert_int_equal(proc_start(getpid(), &again, NULL), 0);
	assert_true(mine == again && mine > 0);
	assert_int_equal(c, 'R');
	assert_int_equal(pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, "a) Z 1 2 (3");
		close(p[1]);
		_exit(read(p[0], &c, 1) < 0);
	}
	await_state(pid, 'S');
	assert_int_equal(proc_start(pid, &its, &c), 0);
	assert_true(its >= mine && its < mine + 100000);
	close(p[1]);
	close(p[0]);
	await_state(pid, 'Z');
	assert_int_equal(proc_start(pid, &again, &c), 0);
	assert_true(again == its);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(proc_start(pid, &again, &c), -ESRCH);
}

static void a_helper_ends(void **state)
{
	char says[64] = "";
	struct proc_job talk = { .says = says, .says_size = sizeof(says) };
	struct err e = { 0 };
	int r;

	(void)state;
	assert_int_equal(sh("exit 0", talk, &e), 0);
	assert_int_equal(sh("echo out; echo 'no such id' >&2; exit 3", talk, &e), -EIO);
	assert_string_equal(says, "no such id\n");
	assert_non_null(strstr(e.msg, "/bin/sh failed with exit code 3: no such id"));
	says[0] = 0;
	assert_int_equal(sh("kill -9 $$", talk, &e), -EIO);
	assert_non_null(strstr(e.msg, "killed by signal 9"));
	says[0] = 0;
	r = sh("i=0; while [ $i -lt 3000 ]; do echo filler $i >&2; i=$((i+1)); done; exit 1", talk, &e);
	assert_int_equal(r, -EIO);
	assert_int_equal(strlen(says), sizeof(says) - 1);
	assert_string_equal(says + strlen(says) - 12, "filler 2999\n");
}

static void a_helper_that_is_not_there(void **state)
{
	const char *const argv[] = { "x", NULL }, *const none[] = { NULL };
	char says[128] = "";
	struct proc_job job = { .path = "/nonexistent/x", .argv = argv, .envp = none,
				.says = says, .says_size = sizeof(says) };
	struct err e = { 0 };

	(void)state;
	assert_true(proc_run(&job, &e) < 0);
	assert_non_null(strstr(e.msg, "No such file or directory"));
}

static void a_slow_helper_is_killed(void **state)
{
	struct timespec from, to;
	struct err e = { 0 };

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(sh("exec sleep 60", (struct proc_job){ .timeout_s = 1 }, &e), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec < 10);
	assert_non_null(strstr(e.msg, "did not end within 1 s"));
}

/* More than a pipe holds, to a helper that reads it, one that does not, and one that talks meanwhile. */
static void input_is_fed_whole(void **state)
{
	enum { N = 1 << 20 };
	static char data[N];
	const char *const env[] = { "PATH=/usr/bin:/bin", NULL };
	char says[64] = "";
	struct proc_job job = { .input = data, .input_len = N, .timeout_s = 30, .envp = env,
				.says = says, .says_size = sizeof(says) };

	(void)state;
	memset(data, 'i', N);
	assert_int_equal(sh("wc -c >&2", job, NULL), 0);
	assert_int_equal(strtoul(says, NULL, 10), N);
	says[0] = 0;
	assert_int_equal(sh("exit 0", job, NULL), 0);
	assert_int_equal(sh("cat >&2", job, NULL), 0);
}

static void nothing_is_inherited(void **state)
{
	char says[128] = "", script[64];
	struct proc_job job = { .cwd = "/", .says = says, .says_size = sizeof(says) };
	struct err e = { 0 };
	int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

	(void)state;
	assert_true(leak >= 3);
	assert_int_equal(setenv("KIST_SECRET", "1", 1), 0);
	assert_int_equal(sh("test -z \"$KIST_SECRET\" && test \"$PWD\" = / && ! read line", job, &e), 0);
	snprintf(script, sizeof(script), "test -e /proc/$$/fd/0 && test ! -e /proc/$$/fd/%d", leak);
	assert_int_equal(sh(script, job, &e), 0);
	close(leak);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes),
		cmocka_unit_test(start_time_names_a_process),
		cmocka_unit_test(a_helper_ends),
		cmocka_unit_test(a_helper_that_is_not_there),
		cmocka_unit_test(a_slow_helper_is_killed),
		cmocka_unit_test(input_is_fed_whole),
		cmocka_unit_test(nothing_is_inherited),
	};

	return RUN(tests);
}
