/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only program inside the root file systems of the tests: static, without a shell, and every answer one
 * line that a script can compare.  The command is argv[1], or the name it was called by.  A failure prints
 * "COMMAND OBJECT: EWORD" on stdout and gives exit code 1: a test reads the kernel's answer either way.
 *   seq -- COMMAND… -- COMMAND…   several in one process; its exit code is that of the first that failed
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct command {
	const char *name;
	int least; /* arguments needed */
	int (*run)(char **args); /* ends with NULL */
	const char *operands;
};
static int dispatch(char **words, int n);

static unsigned long long number(const char *s)
{
	return *s == '-' ? -strtoull(s + 1, NULL, 0) : strtoull(s, NULL, 0);
}

static const char *errno_word(void)
{
	const char *w = strerrorname_np(errno);

	return w ? w : "E?";
}

/* r ≥ 0: success and silence. */
static int tell(long r, const char *what, const char *object)
{
	if (r >= 0)
		return 0;
	printf("%s %s: %s\n", what, object, errno_word());
	return 1;
}

static int answer(long r) /* "ok" or the errno */
{
	puts(r < 0 ? errno_word() : "ok");
	return r < 0;
}

static int do_true(char **a)
{
	(void)a;
	return 0;
}

static int do_false(char **a)
{
	(void)a;
	return 1;
}

static int do_exit(char **a)
{
	fflush(stdout);
	_exit((int)number(a[0]));
}

static int do_echo(char **a)
{
	for (int i = 0; a[i]; i++)
		printf("%s%s", i ? " " : "", a[i]);
	putchar('\n');
	return 0;
}

static int copy_out(int fd, const char *name)
{
	char buf[4096];
	ssize_t r;

	while ((r = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)r, stdout);
	return tell(r, "read", name);
}

static int do_cat(char **a)
{
	int bad = a[0] ? 0 : copy_out(0, "stdin");

	for (int i = 0; a[i]; i++) {
		int fd = open(a[i], O_RDONLY | O_NOCTTY);

		bad |= fd < 0 ? tell(fd, "open", a[i]) : copy_out(fd, a[i]);
		if (fd >= 0)
			close(fd);
	}
	return bad;
}

static int put(const char *what, const char *file, int flags, const char *text)
{
	int fd = open(file, O_WRONLY | O_NOCTTY | flags, 0644), bad;

	if (fd < 0)
		return tell(fd, what, file);
	bad = *text ? tell(write(fd, text, strlen(text)), what, file) : 0;
	close(fd);
	return bad;
}

static int do_write(char **a)
{
	return put("write", a[0], O_CREAT | O_TRUNC, a[1]);
}

static int do_append(char **a)
{
	return put("append", a[0], O_APPEND, a[1]);
}

static int do_touch(char **a)
{
	return put("touch", a[0], O_CREAT, "");
}

static int do_mkdir(char **a)
{
	return tell(mkdir(a[0], 0755), "mkdir", a[0]);
}

static int do_rm(char **a)
{
	return tell(remove(a[0]), "rm", a[0]);
}

static int do_rename(char **a)
{
	return tell(rename(a[0], a[1]), "rename", a[0]);
}

static int do_setxattr(char **a)
{
	return tell(lsetxattr(a[0], a[1], a[2], strlen(a[2]), 0), "setxattr", a[0]);
}

/* Those that programs make, as "PATH NAME=VALUE". */
static int do_xattrs(char **a)
{
	char names[4096], value[4096];

	for (; *a; a++) {
		ssize_t n = llistxattr(*a, names, sizeof(names));

		for (char *p = names; p < names + n; p += strlen(p) + 1) {
			ssize_t len = strncmp(p, "user.", 5) ? -1 : lgetxattr(*a, p, value, sizeof(value));

			if (len >= 0)
				printf("%s %s=%.*s\n", *a, p, (int)len, value);
		}
	}
	return 0;
}

static int do_chown(char **a)
{
	return tell(lchown(a[0], (uid_t)number(a[1]), (gid_t)number(a[2])), "chown", a[0]);
}

static int do_chmod(char **a)
{
	return tell(chmod(a[0], (mode_t)strtoul(a[1], NULL, 8)), "chmod", a[0]);
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static int do_ls(char **a)
{
	struct dirent **list;
	int len = scandir(a[0], &list, not_dots, alphasort);

	for (int i = 0; i < len; i++)
		puts(list[i]->d_name);
	return tell(len, "ls", a[0]);
}

static const char *type_word(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "dir";
	case S_IFLNK:
		return "link";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	default:
		return "socket";
	}
}

static int do_stat(char **a)
{
	struct stat st;
	int bad = tell(lstat(a[0], &st), "stat", a[0]);

	if (!bad)
		printf("%s %04o %u %u %u:%u\n", type_word(st.st_mode), st.st_mode & 07777, st.st_uid, st.st_gid,
		       major(st.st_rdev), minor(st.st_rdev));
	return bad;
}

static int show_link(const char *label, const char *path)
{
	char to[4096];
	ssize_t len = readlink(path, to, sizeof(to) - 1);

	if (len < 0)
		return tell(len, "readlink", path);
	to[len] = 0;
	printf("%s%s\n", label, to);
	return 0;
}

static int do_readlink(char **a)
{
	return show_link("", a[0]);
}

/* Lines of a /proc file whose first word is in `keys`; all of them when keys is NULL. */
static int show_lines(const char *file, const char *const *keys)
{
	FILE *f = fopen(file, "re");
	char line[4096];

	if (!f)
		return tell(-1, "open", file);
	while (fgets(line, sizeof(line), f)) {
		bool show = !keys;

		for (size_t i = 0; keys && keys[i]; i++)
			show |= !strncmp(line, keys[i], strlen(keys[i]));
		if (show)
			fputs(line, stdout);
	}
	fclose(f);
	return 0;
}

static int do_status(char **a)
{
	static const char *const keys[] = { "Cap", "NoNewPrivs", "Seccomp", "Uid:", "Gid:",
					    "Groups:", "Umask:", "SigBlk:", "SigIgn:", NULL };

	(void)a;
	return show_lines("/proc/self/status", keys);
}

static int do_mounts(char **a)
{
	(void)a;
	return show_lines("/proc/self/mountinfo", NULL);
}

static int do_id(char **a)
{
	gid_t groups[256];
	int len = getgroups(256, groups);

	(void)a;
	printf("uid=%u euid=%u gid=%u egid=%u groups=", getuid(), geteuid(), getgid(), getegid());
	for (int i = 0; i < len; i++)
		printf("%s%u", i ? "," : "", groups[i]);
	putchar('\n');
	return 0;
}

static int do_pid(char **a)
{
	(void)a;
	printf("pid=%d ppid=%d sid=%d\n", getpid(), getppid(), getsid(0));
	return 0;
}

static int do_hostname(char **a)
{
	struct utsname u;

	uname(&u);
	puts(u.nodename);
	return a[0] ? tell(sethostname(a[0], strlen(a[0])), "hostname", a[0]) : 0;
}

static int do_domainname(char **a)
{
	struct utsname u;

	(void)a;
	uname(&u);
	puts(u.domainname);
	return 0;
}

static int do_env(char **a)
{
	(void)a;
	for (char **v = environ; *v; v++)
		puts(*v);
	return 0;
}

static int do_cwd(char **a)
{
	char buf[4096];
	char *r = getcwd(buf, sizeof(buf));

	(void)a;
	if (r)
		puts(r);
	return tell(r ? 0 : -1, "cwd", ".");
}

/* Without /proc the numbers alone. */
static int do_fds(char **a)
{
	char path[64], label[32];

	(void)a;
	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		snprintf(label, sizeof(label), "%d ", fd);
		if (access("/proc/self/fd", F_OK) || show_link(label, path))
			printf("%d\n", fd);
	}
	return 0;
}

static int do_ns(char **a)
{
	static const char *const kinds[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };
	char path[64];
	int bad = 0;

	(void)a;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		bad |= show_link("", path);
	}
	return bad;
}

static int do_rlimit(char **a)
{
	static const char *const names[] = {
		[RLIMIT_CPU] = "CPU", [RLIMIT_FSIZE] = "FSIZE", [RLIMIT_DATA] = "DATA", [RLIMIT_STACK] = "STACK",
		[RLIMIT_CORE] = "CORE", [RLIMIT_RSS] = "RSS", [RLIMIT_NPROC] = "NPROC", [RLIMIT_NOFILE] = "NOFILE",
		[RLIMIT_MEMLOCK] = "MEMLOCK", [RLIMIT_AS] = "AS", [RLIMIT_LOCKS] = "LOCKS",
		[RLIMIT_SIGPENDING] = "SIGPENDING", [RLIMIT_MSGQUEUE] = "MSGQUEUE", [RLIMIT_NICE] = "NICE",
		[RLIMIT_RTPRIO] = "RTPRIO", [RLIMIT_RTTIME] = "RTTIME",
	};
	const char *name = strncmp(a[0], "RLIMIT_", 7) ? a[0] : a[0] + 7;
	struct rlimit l;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) || getrlimit((__rlimit_resource_t)i, &l))
			continue;
		printf(l.rlim_cur == RLIM_INFINITY ? "infinity" : "%llu", (unsigned long long)l.rlim_cur);
		printf(l.rlim_max == RLIM_INFINITY ? " infinity\n" : " %llu\n", (unsigned long long)l.rlim_max);
		return 0;
	}
	errno = EINVAL;
	return tell(-1, "rlimit", a[0]);
}

static int do_oom(char **a)
{
	(void)a;
	return show_lines("/proc/self/oom_score_adj", NULL);
}

static int do_sched(char **a)
{
	struct sched_param p = { 0 };

	(void)a;
	sched_getparam(0, &p);
	printf("policy=%d priority=%d nice=%d\n", sched_getscheduler(0), p.sched_priority,
	       getpriority(PRIO_PROCESS, 0));
	return 0;
}

static int do_nice(char **a)
{
	(void)a;
	printf("%d\n", getpriority(PRIO_PROCESS, 0));
	return 0;
}

static int do_ioprio(char **a)
{
	long v = syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, 0);

	(void)a;
	printf("class=%ld level=%ld\n", v >> 13, v & 0x1fff);
	return v < 0;
}

static int do_personality(char **a)
{
	(void)a;
	printf("%08x\n", (unsigned)personality(0xffffffff));
	return 0;
}

static int do_mempolicy(char **a)
{
	unsigned long nodes[16] = { 0 };
	int mode = -1;
	long r = syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, NULL, 0);

	(void)a;
	printf("mode=%d nodes=%lx\n", mode, nodes[0]);
	return tell(r, "mempolicy", "self");
}

static int do_affinity(char **a)
{
	cpu_set_t set;
	int r = sched_getaffinity(0, sizeof(set), &set);

	(void)a;
	for (unsigned i = 0; !r && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			printf("%u ", i);
	putchar('\n');
	return tell(r, "affinity", "self");
}

static int do_clock(char **a)
{
	struct timespec m, b;

	(void)a;
	clock_gettime(CLOCK_MONOTONIC, &m);
	clock_gettime(CLOCK_BOOTTIME, &b);
	printf("monotonic=%lld boottime=%lld\n", (long long)m.tv_sec, (long long)b.tv_sec);
	return 0;
}

/* For each of stdin, stdout, stderr; then whether there is a controlling terminal. */
static int do_isatty(char **a)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	(void)a;
	for (int fd = 0; fd < 3; fd++)
		printf("%d=%s ", fd, isatty(fd) ? "yes" : "no");
	printf("ctty=%s\n", tty >= 0 ? "yes" : "no");
	if (tty >= 0)
		close(tty);
	return 0;
}

static int do_winsize(char **a)
{
	struct winsize w = { 0 };
	int r = ioctl(0, TIOCGWINSZ, &w);

	(void)a;
	if (!r)
		printf("rows=%u cols=%u\n", w.ws_row, w.ws_col);
	return tell(r, "winsize", "stdin");
}

static int do_sleep(char **a)
{
	double s = strtod(a[0], NULL);
	struct timespec t = { (time_t)s, (long)((s - (double)(time_t)s) * 1e9) };

	fflush(stdout);
	return nanosleep(&t, NULL) ? 1 : 0;
}

static int signal_number(const char *name)
{
	if (*name >= '0' && *name <= '9')
		return (int)number(name);
	if (!strncmp(name, "SIG", 3))
		name += 3;
	for (int i = 1; i < 32; i++)
		if (!strcmp(sigabbrev_np(i), name))
			return i;
	return -1;
}

/* The first process of a pid namespace gets no signal that it does not handle: so wait for them by name. */
static int wait_signals(sigset_t *set, bool say)
{
	fflush(stdout);
	sigaddset(set, SIGTERM);
	sigprocmask(SIG_BLOCK, set, NULL);
	if (say)
		puts("ready");
	for (;;) {
		int sig;

		fflush(stdout);
		if (sigwait(set, &sig))
			continue;
		if (say && sig < 32)
			printf("%s\n", sigabbrev_np(sig));
		else if (say)
			printf("%d\n", sig);
		if (sig == SIGTERM)
			return 0;
	}
}

static int do_wait(char **a)
{
	sigset_t set;

	(void)a;
	sigemptyset(&set);
	return wait_signals(&set, false);
}

/* Says "ready" once, so that a test knows when to send. */
static int do_trap(char **a)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; a[i]; i++)
		if (sigaddset(&set, signal_number(a[i])))
			return tell(-1, "trap", a[i]);
	return wait_signals(&set, true);
}

static int do_kill_self(char **a)
{
	fflush(stdout);
	return tell(kill(getpid(), signal_number(a[0])), "kill", a[0]);
}

static int do_kill(char **a)
{
	return tell(kill((pid_t)number(a[0]), signal_number(a[1])), "kill", a[0]);
}

/* Fills pids with up to `want` processes that only wait; says why it could not make more. */
static int sleepers(pid_t *pids, long want, long *made)
{
	fflush(stdout);
	for (*made = 0; *made < want; (*made)++) {
		pid_t pid = fork();

		if (pid == 0) {
			pause();
			_exit(0);
		}
		if (pid < 0) {
			printf("fork %ld: %s\n", *made, errno_word());
			return 1;
		}
		pids[*made] = pid;
	}
	return 0;
}

/* N processes at most; all of them end again. */
static int do_fork_bomb(char **a)
{
	static pid_t pids[65536];
	long want = (long)number(a[0]), made;
	int bad = sleepers(pids, want < 65536 ? want : 65536, &made);

	if (!bad)
		printf("forked %ld\n", made);
	while (made-- > 0)
		kill(pids[made], SIGKILL);
	return bad;
}

static int do_children(char **a)
{
	static pid_t pids[1024];
	long want = (long)number(a[0]), made;
	int bad = sleepers(pids, want < 1024 ? want : 1024, &made);

	if (bad)
		return bad;
	printf("children %ld\n", made);
	bad = do_wait(a);
	while (made-- > 0)
		kill(pids[made], SIGKILL);
	return bad;
}

/* MiB of memory, touched. */
static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int do_burn(char **a)
{
	long long end = now_ms() + (long long)number(a[0]) * 1000;

	while (now_ms() < end)
		;
	return 0;
}

/* From the device itself, not from the page cache: prints how many milliseconds it took. */
static int do_pull(char **a)
{
	static char buf[65536] __attribute__((aligned(4096)));
	long long start = now_ms(), left = (long long)number(a[1]) << 10;
	int fd = open(a[0], O_RDONLY | O_DIRECT);
	ssize_t n = fd;

	for (; n >= 0 && left > 0; left -= n)
		n = read(fd, buf, sizeof(buf));
	if (n >= 0)
		printf("%lld\n", now_ms() - start);
	return tell(n, "pull", a[0]);
}

static int do_eat(char **a)
{
	size_t size = (size_t)number(a[0]) << 20;
	char *p = malloc(size);

	if (!p)
		return tell(-1, "eat", a[0]);
	for (size_t i = 0; i < size; i += 4096)
		((volatile char *)p)[i] = 1;
	return answer(0);
}

/* The raw call with all 64 bits: what a filter sees is not what the kernel uses. */
static int do_socket(char **a)
{
	long fd = syscall(SYS_socket, number(a[0]), number(a[1]), number(a[2]));

	if (fd >= 0)
		close((int)fd);
	return answer(fd);
}

static int answer_number(long r)
{
	if (r < 0)
		puts(errno_word());
	else
		printf("%ld\n", r);
	return r < 0;
}

static int do_syscall(char **a)
{
	unsigned long long v[7] = { 0 };
	long r;

	for (int i = 0; a[i] && i < 7; i++)
		v[i] = number(a[i]);
	r = syscall((long)v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
	return answer_number(r);
}

/* As a 32-bit program would call, if the machine is one on which these exist. */
static int do_syscall32(char **a)
{
	long r = -ENOSYS;
#ifdef __x86_64__
	uint32_t v[6] = { 0 };

	for (int i = 0; a[i] && i < 6; i++)
		v[i] = (uint32_t)number(a[i]);
	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(v[0]), "b"(v[1]), "c"(v[2]), "d"(v[3]), "S"(v[4]), "D"(v[5])
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	r = (int)r;
#endif
	errno = (int)-r;
	return answer_number(r);
}

static int do_unshare(char **a)
{
	return answer(unshare((int)number(a[0])));
}

static int do_mount(char **a)
{
	return answer(mount(a[0], a[1], a[2], a[3] ? number(a[3]) : 0, a[3] && a[4] ? a[4] : NULL));
}

static int do_umount(char **a)
{
	return answer(umount2(a[0], MNT_DETACH));
}

static int do_mknod(char **a)
{
	mode_t type = *a[1] == 'b' ? S_IFBLK : *a[1] == 'p' ? S_IFIFO : S_IFCHR;

	return answer(mknod(a[0], type | 0666, makedev((unsigned)number(a[2]), (unsigned)number(a[3]))));
}

static int do_keyring(char **a)
{
	char text[256] = "";
	long r = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof(text) - 1, 0);

	(void)a;
	if (r >= 0)
		puts(text);
	return tell(r, "keyring", "session");
}

static int do_lo(char **a)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bad;

	(void)a;
	bad = tell(fd < 0 ? -1 : ioctl(fd, SIOCGIFFLAGS, &r), "lo", "flags");
	if (!bad)
		puts(r.ifr_flags & IFF_UP ? "up" : "down");
	close(fd);
	return bad;
}

static int do_links(char **a)
{
	struct if_nameindex *list = if_nameindex();

	(void)a;
	for (struct if_nameindex *i = list; i && i->if_index; i++)
		puts(i->if_name);
	return tell(list ? 0 : -1, "links", "list");
}

static int do_tiocsti(char **a)
{
	(void)a;
	return answer(ioctl(0, TIOCSTI, "x"));
}

static int do_setuid(char **a)
{
	return tell(setuid((uid_t)number(a[0])), "setuid", a[0]);
}

static int do_exec(char **a)
{
	fflush(stdout);
	return tell(execv(a[0], a), "exec", a[0]);
}

static int do_seq(char **a)
{
	int first_bad = 0;

	for (int i = 0; a[i];) {
		int len = 0, r;
		char *words[256];

		for (; a[i] && strcmp(a[i], "--"); i++)
			if (len < 255)
				words[len++] = a[i];
		i += a[i] ? 1 : 0;
		words[len] = NULL;
		r = len ? dispatch(words, len) : 0;
		fflush(stdout);
		first_bad = first_bad ? first_bad : r;
	}
	return first_bad;
}

static const struct command commands[] = {
	{ "affinity", 0, do_affinity, "" },
	{ "append", 2, do_append, "FILE TEXT" },
	{ "burn", 1, do_burn, "SECONDS" },
	{ "cat", 0, do_cat, "[FILE…]" },
	{ "children", 1, do_children, "N" },
	{ "chmod", 2, do_chmod, "PATH OCTAL" },
	{ "chown", 3, do_chown, "PATH UID GID" },
	{ "clock", 0, do_clock, "" },
	{ "cwd", 0, do_cwd, "" },
	{ "domainname", 0, do_domainname, "" },
	{ "eat", 1, do_eat, "MIB" },
	{ "echo", 0, do_echo, "[WORD…]" },
	{ "env", 0, do_env, "" },
	{ "exec", 1, do_exec, "PROGRAM [ARG…]" },
	{ "exit", 1, do_exit, "CODE" },
	{ "false", 0, do_false, "" },
	{ "fds", 0, do_fds, "" },
	{ "fork-bomb", 1, do_fork_bomb, "N" },
	{ "hostname", 0, do_hostname, "[NEW]" },
	{ "id", 0, do_id, "" },
	{ "ioprio", 0, do_ioprio, "" },
	{ "isatty", 0, do_isatty, "" },
	{ "keyring", 0, do_keyring, "" },
	{ "kill", 2, do_kill, "PID SIGNAL" },
	{ "kill-self", 1, do_kill_self, "SIGNAL" },
	{ "links", 0, do_links, "" },
	{ "lo", 0, do_lo, "" },
	{ "ls", 1, do_ls, "DIRECTORY" },
	{ "mempolicy", 0, do_mempolicy, "" },
	{ "mkdir", 1, do_mkdir, "PATH" },
	{ "mknod", 4, do_mknod, "PATH c|b|p MAJOR MINOR" },
	{ "mount", 3, do_mount, "SOURCE TARGET TYPE [FLAGS [DATA]]" },
	{ "mounts", 0, do_mounts, "" },
	{ "nice", 0, do_nice, "" },
	{ "ns", 0, do_ns, "" },
	{ "oom", 0, do_oom, "" },
	{ "personality", 0, do_personality, "" },
	{ "pid", 0, do_pid, "" },
	{ "pull", 2, do_pull, "FILE KIB" },
	{ "readlink", 1, do_readlink, "PATH" },
	{ "rename", 2, do_rename, "FROM TO" },
	{ "rlimit", 1, do_rlimit, "NAME" },
	{ "rm", 1, do_rm, "PATH" },
	{ "sched", 0, do_sched, "" },
	{ "seq", 0, do_seq, "-- COMMAND… [-- COMMAND…]…" },
	{ "setxattr", 3, do_setxattr, "PATH NAME VALUE" },
	{ "setuid", 1, do_setuid, "UID" },
	{ "sleep", 1, do_sleep, "SECONDS" },
	{ "socket", 3, do_socket, "FAMILY TYPE PROTOCOL" },
	{ "stat", 1, do_stat, "PATH" },
	{ "status", 0, do_status, "" },
	{ "syscall", 1, do_syscall, "NUMBER [ARGUMENT…]" },
	{ "syscall32", 1, do_syscall32, "NUMBER [ARGUMENT…]" },
	{ "tiocsti", 0, do_tiocsti, "" },
	{ "touch", 1, do_touch, "FILE" },
	{ "trap", 1, do_trap, "SIGNAL…" },
	{ "true", 0, do_true, "" },
	{ "umount", 1, do_umount, "PATH" },
	{ "unshare", 1, do_unshare, "FLAGS" },
	{ "wait", 0, do_wait, "" },
	{ "winsize", 0, do_winsize, "" },
	{ "write", 2, do_write, "FILE TEXT" },
	{ "xattrs", 0, do_xattrs, "[FILE…]" },
};

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int dispatch(char **words, int n)
{
	const struct command *c = find(words[0]);

	if (!c || n - 1 < c->least) {
		fprintf(stderr, "payload: %s %s\n", words[0], c ? c->operands : "is no command");
		return 125;
	}
	return c->run(words + 1);
}

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	char *base = argc ? (slash ? argv[0] + (slash - argv[0]) + 1 : argv[0]) : NULL;
	int r;

	if (base && find(base)) {
		argv[0] = base;
		r = dispatch(argv, argc);
	} else if (argc > 1) {
		r = dispatch(argv + 1, argc - 1);
	} else {
		for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
			printf("%s%s%s\n", commands[i].name, *commands[i].operands ? " " : "", commands[i].operands);
		return 0;
	}
	return fflush(stdout) ? 1 : r;
}
