/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kist-waiter DIR EXE LOG-MAX KIST ARGUMENT... STATUS: the process that a detached instance leaves behind (instances/leave.h).
 * It waits for its only child, keeps the log in the directory DIR below LOG-MAX, and then executes EXE with all from KIST on,
 * where the child's status takes the place of STATUS.  DIR and EXE are descriptors.
 *
 * There may be thousands of it for years, so it is a program of its own that has three or four pages of memory: no C library,
 * whose start alone touches thirty, no heap, no relocations.  Where there is none for an architecture, or it is not
 * installed, kist waits itself and takes twenty times as much.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instances/await.h"

enum { KERNEL_SIGSET = 8, DIGITS = 10 };

/* --- what a C library has */

#if defined(__x86_64__)
#include <asm/prctl.h>
static long call(long nr, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e;
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
	return r;
}
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");

/* A compiler that was told to guard the stack looks for its word behind this register. */
static void set_up(void)
{
	static long thread[16];

	(void)call(SYS_arch_prctl, ARCH_SET_FS, (long)thread, 0, 0, 0);
}
#elif defined(__aarch64__)
static long call(long nr, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = nr, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
		      x4 __asm__("x4") = e;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tbl begin\n");

static void set_up(void)
{
}
#endif

int *__errno_location(void)
{
	static int number;

	return &number;
}

static long result(long r)
{
	errno = r < 0 ? (int)-r : errno;
	return r < 0 ? -1 : r;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return (pid_t)result(call(SYS_wait4, pid, (long)status, options, 0, 0));
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return (int)result(call(SYS_rt_sigprocmask, how, (long)set, (long)old, KERNEL_SIGSET, 0));
}

int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
	return (int)result(call(SYS_rt_sigtimedwait, (long)set, (long)info, (long)timeout, KERNEL_SIGSET, 0));
}

/* The kernel's sets have one word, where the C library's have many. */
int sigemptyset(sigset_t *set)
{
	return *(unsigned long *)set = 0, 0;
}

int sigfillset(sigset_t *set)
{
	return *(unsigned long *)set = ~0UL, 0;
}

int sigaddset(sigset_t *set, int sig)
{
	return *(unsigned long *)set |= 1UL << (sig - 1), 0;
}

int sigdelset(sigset_t *set, int sig)
{
	return *(unsigned long *)set &= ~(1UL << (sig - 1)), 0;
}

int fcntl(int fd, int what, ...)
{
	va_list more;
	long value;

	va_start(more, what);
	value = va_arg(more, long);
	va_end(more);
	return (int)result(call(SYS_fcntl, fd, what, value, 0, 0));
}

int openat(int dir, const char *path, int flags, ...)
{
	return (int)result(call(SYS_openat, dir, (long)path, flags, 0, 0));
}

int fstat(int fd, struct stat *st)
{
	return (int)result(call(SYS_fstat, fd, (long)st, 0, 0, 0));
}

int fallocate(int fd, int mode, off_t from, off_t len)
{
	return (int)result(call(SYS_fallocate, fd, mode, from, len, 0));
}

int ftruncate(int fd, off_t len)
{
	return (int)result(call(SYS_ftruncate, fd, len, 0, 0, 0));
}

int close(int fd)
{
	return (int)result(call(SYS_close, fd, 0, 0, 0, 0));
}

_Noreturn static void leave(int code)
{
	for (;;)
		(void)call(SYS_exit_group, code, 0, 0, 0, 0);
}

/* Compilers call these for structs.  The barrier is for that they do not here. */
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		((char *)to)[i] = ((const char *)from)[i];
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		((char *)to)[i] = (char)byte;
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

/* CFLAGS may ask for what this file is not built with: the guard on aarch64 has a word by name. */
extern const unsigned long __stack_chk_guard;
const unsigned long __stack_chk_guard = 0;
_Noreturn void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
	leave(EXIT_FAILURE);
}

/* --- the program */

static int64_t number(const char *s)
{
	bool below = *s == '-';
	int64_t n = 0;

	for (s += below; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (*s - '0');
	return below ? -n : n;
}

static void put_number(char *out, int n)
{
	char digits[DIGITS];
	size_t k = DIGITS;

	do
		digits[--k] = (char)('0' + n % 10);
	while ((n /= 10) && k);
	while (k < DIGITS)
		*out++ = digits[k++];
	*out = 0;
}

__attribute__((used)) void begin(long *stack);
void begin(long *stack)
{
	enum { DIR = 1, EXE, MAX, KIST };
	int argc = (int)*stack, status = 0, exe;
	char **argv = (char **)(stack + 1), *last;
	size_t room = 0;

	set_up();
	if (argc < KIST + 2)
		leave(EXIT_FAILURE);
	exe = (int)number(argv[EXE]);
	last = argv[argc - 1];
	while (last[room])
		room++;
	if (room < DIGITS || inst_await((int)number(argv[DIR]), number(argv[MAX]), &status) < 0)
		leave(EXIT_FAILURE);
	put_number(last, status);
	(void)fcntl(exe, F_SETFD, (long)FD_CLOEXEC);
	(void)call(SYS_execveat, exe, (long)"", (long)(argv + KIST), (long)(argv + argc + 1), AT_EMPTY_PATH);
	leave(EXIT_FAILURE);
}
