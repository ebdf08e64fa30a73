/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Something happens at exactly one system call of a program and its children:
 *   at list FILE COMMAND...             FILE gets a line "PROCESS N NAME:K" for each one entered: its Nth, and
 *                                       the Kth of that name; "-" where a failure says little about a program
 *   at kill PROCESS N COMMAND...        before its Nth call PROCESS is killed
 *   at fail PROCESS N ERRNO COMMAND...  its Nth call does nothing and gives -ERRNO
 *   at do PROCESS N SCRIPT COMMAND...   before its Nth call SCRIPT is run by /bin/sh, and all else waits
 * N may be NAME:K, which stays the same when other calls are repeated.  Counting begins after COMMAND's
 * execve(2).  PROCESS: 0 for COMMAND itself, 1 for the first child, and so on by birth.  Ends with COMMAND's code, or
 * 128 and the signal; with 99 when the Nth call never came.  The rest of the family is let go.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	long nr;
	const char *name;
} calls[] = {
#define CALL(name) { SYS_##name, #name }
	CALL(openat), CALL(openat2), CALL(clone3), CALL(execve), CALL(execveat), CALL(socketpair), CALL(socket), CALL(bind),
	CALL(listen), CALL(connect), CALL(accept4), CALL(sendmsg), CALL(recvmsg), CALL(mkdirat), CALL(unlinkat), CALL(renameat),
	CALL(linkat), CALL(flock), CALL(fsopen), CALL(fsconfig), CALL(fsmount), CALL(open_tree), CALL(move_mount), CALL(mount_setattr),
	CALL(pivot_root), CALL(umount2), CALL(chdir), CALL(fchdir), CALL(chroot), CALL(mknodat), CALL(symlinkat), CALL(fchownat),
	CALL(setsid), CALL(sethostname), CALL(setdomainname), CALL(prctl), CALL(seccomp), CALL(capset), CALL(capget), CALL(setgroups),
	CALL(setresuid), CALL(setresgid), CALL(prlimit64), CALL(setns), CALL(unshare), CALL(close_range), CALL(pidfd_open),
	CALL(pidfd_send_signal), CALL(waitid), CALL(signalfd4), CALL(memfd_create), CALL(keyctl), CALL(bpf), CALL(fstat), CALL(statx),
	CALL(statfs), CALL(fstatfs), CALL(faccessat2), CALL(getcwd), CALL(fchown), CALL(ioctl), CALL(pipe2), CALL(ftruncate),
	CALL(fchmod), CALL(dup3), CALL(fcntl),
#ifdef SYS_mkdir
	CALL(mkdir), CALL(rmdir), CALL(unlink), CALL(rename), CALL(stat), CALL(access), CALL(dup2), CALL(chmod), CALL(fork),
#endif
#undef CALL
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static int call_index(long nr)
{
	for (int i = 0; i < CALLS; i++)
		if (calls[i].nr == nr)
			return i;
	return -1;
}

enum what { LIST, KILL, FAIL, DO };
enum { MAX = 64, NEVER = 99 };

static struct {
	enum what what;
	int process, n, error, call; /* call: index of the name, or -1 */
	const char *script;
	FILE *list;
	bool done;
} plan;

static struct tracee {
	pid_t pid;
	int calls, kinds[CALLS];
	bool running, failing; /* running: its calls count */
} family[MAX];
static int members;

static struct tracee *member(pid_t pid)
{
	for (int i = 0; i < members; i++)
		if (family[i].pid == pid)
			return &family[i];
	if (members == MAX)
		exit(125);
	family[members].pid = pid;
	return &family[members++];
}

#ifdef __x86_64__
static void set_call(pid_t pid, long nr)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, orig_rax), nr);
}

static void set_result(pid_t pid, long r)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax), r);
}
#elif defined(__aarch64__)
static void set_call(pid_t pid, long nr)
{
	int word = (int)nr;
	struct iovec iov = { &word, sizeof(word) };

	ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &iov);
}

static void set_result(pid_t pid, long r)
{
	struct user_regs_struct regs;
	struct iovec iov = { &regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov);
	regs.regs[0] = (unsigned long long)r;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov);
}
#else
#error "tests/fault/at.c does not know how this machine passes system calls"
#endif

static void act(struct tracee *t)
{
	plan.done = true;
	if (plan.what == KILL)
		kill(t->pid, SIGKILL);
	else if (plan.what == DO && system(plan.script))
		fprintf(stderr, "at: %s failed\n", plan.script);
	else if (plan.what == FAIL) {
		t->failing = true;
		set_call(t->pid, -1);
	}
}

static void enter(struct tracee *t, long nr)
{
	int call = call_index(nr), kind = call < 0 ? 0 : ++t->kinds[call];

	t->calls++;
	if (plan.what == LIST && call < 0)
		fprintf(plan.list, "%d %d -\n", (int)(t - family), t->calls);
	else if (plan.what == LIST)
		fprintf(plan.list, "%d %d %s:%d\n", (int)(t - family), t->calls, calls[call].name, kind);
	else if (!plan.done && t - family == plan.process && (plan.call < 0 ? t->calls == plan.n : call == plan.call && kind == plan.n))
		act(t);
}

static void at_call(struct tracee *t)
{
	struct __ptrace_syscall_info info = { 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		if (t->running)
			enter(t, (long)info.entry.nr);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->failing) {
		t->failing = false;
		set_result(t->pid, -plan.error);
	}
}

/* What has happened is enough: the rest runs at full speed, unless the list wants to be whole. */
static bool finished(const struct tracee *t)
{
	return plan.done && !t->failing;
}

static void stopped(struct tracee *t, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;
	unsigned long child;

	if (sig == (SIGTRAP | 0x80)) {
		at_call(t);
		sig = 0;
	} else if (event) {
		if ((event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) &&
		    ptrace(PTRACE_GETEVENTMSG, t->pid, 0, &child) == 0)
			member((pid_t)child)->running = true;
		if (event == PTRACE_EVENT_EXEC)
			t->running = true;
		if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
			ptrace(PTRACE_LISTEN, t->pid, 0, 0);
			return;
		}
		sig = 0;
	}
	ptrace(finished(t) ? PTRACE_DETACH : PTRACE_SYSCALL, t->pid, 0, sig);
}

static int follow(pid_t first)
{
	int status, code = 125;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		struct tracee *t = pid > 0 ? member(pid) : NULL;

		if (!t)
			continue;
		if (WIFSTOPPED(status)) {
			stopped(t, status);
			continue;
		}
		if (pid != first)
			continue;
		code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (plan.what != LIST && !plan.done)
			code = NEVER;
		break; /* what is left is let go when we end */
	}
	return code;
}

static pid_t launch(char **argv)
{
	int go[2];
	char c;
	pid_t pid;

	if (pipe(go) < 0)
		exit(125);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		if (read(go[0], &c, 1) == 1) {
			close(go[0]);
			execvp(argv[0], argv);
		}
		_exit(125);
	}
	close(go[0]);
	if (ptrace(PTRACE_SEIZE, pid, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 || write(go[1], "", 1) != 1)
		exit(125);
	close(go[1]);
	return pid;
}

/* "12" or "openat:3" */
static void number(const char *word)
{
	const char *colon = strchr(word, ':');

	plan.n = atoi(colon ? colon + 1 : word);
	plan.call = colon ? CALLS : -1;
	for (int i = 0; colon && i < CALLS; i++)
		if (!strncmp(calls[i].name, word, (size_t)(colon - word)) && !calls[i].name[colon - word])
			plan.call = i;
}

int main(int argc, char **argv)
{
	static const struct { const char *word; enum what what; int words; } kinds[] = {
		{ "list", LIST, 3 }, { "kill", KILL, 4 }, { "fail", FAIL, 5 }, { "do", DO, 5 },
	};

	for (size_t i = 0; argc > 2 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(argv[1], kinds[i].word) || argc <= kinds[i].words)
			continue;
		plan.what = kinds[i].what;
		plan.list = plan.what == LIST ? fopen(argv[2], "we") : NULL;
		if (plan.what == LIST && !plan.list)
			return 125;
		plan.process = atoi(argv[2]);
		number(argv[3]);
		plan.error = atoi(argv[4]);
		plan.script = argv[4];
		member(0)->pid = launch(argv + kinds[i].words);
		return follow(family[0].pid);
	}
	fprintf(stderr, "usage: at list FILE | kill P N | fail P N ERRNO | do P N SCRIPT, COMMAND...\n");
	return 125;
}
