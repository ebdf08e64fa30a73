/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/seccomp.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include "runtime/caps.h"

#define CAP(name) (1ULL << CAP_##name)
#define NOBODY (1ULL << 63) /* no capability has this number */

/* A group is open to all, or to who has one of its capabilities; to others it answers EPERM. */
struct group {
	uint64_t caps;
	const char *calls;
};

static const struct group groups[] = {
	/* Opening, reading, writing and closing: what every program does. */
	{ 0, "read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat openat2 creat close "
	     "close_range dup dup2 dup3 pipe pipe2 lseek _llseek fcntl fcntl64 flock sendfile sendfile64 splice tee "
	     "copy_file_range readahead fadvise64 fadvise64_64 arm_fadvise64_64 fallocate truncate truncate64 ftruncate "
	     "ftruncate64 sync syncfs fsync fdatasync sync_file_range sync_file_range2 arm_sync_file_range cachestat" },
	/* Names, attributes and directories; the kernel checks the owner. */
	{ 0, "stat stat64 fstat fstat64 lstat lstat64 newfstatat fstatat64 statx statfs statfs64 fstatfs fstatfs64 "
	     "access faccessat faccessat2 chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 lchown lchown32 "
	     "fchownat utime utimes futimesat utimensat utimensat_time64 umask getcwd chdir fchdir mkdir mkdirat rmdir "
	     "rename renameat renameat2 link linkat unlink unlinkat symlink symlinkat readlink readlinkat getdents "
	     "getdents64 getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat listxattr "
	     "llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat file_getattr "
	     "file_setattr name_to_handle_at" },
	/* FIFOs and sockets need it; for devices the kernel asks for CAP_MKNOD and the cgroup lets none be opened. */
	{ 0, "mknod mknodat" },
	/* A look at its own mounts; changing them is another group. */
	{ 0, "statmount listmount" },
	/* Its own memory. */
	{ 0, "brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall mseal "
	     "remap_file_pages memfd_create memfd_secret pkey_alloc pkey_free pkey_mprotect map_shadow_stack membarrier "
	     "cacheflush process_mrelease" },
	/* Processes and threads. */
	{ 0, "fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid gettid getpgid getpgrp "
	     "setpgid getsid setsid set_tid_address set_robust_list get_robust_list rseq futex futex_time64 futex_waitv "
	     "futex_wake futex_wait futex_requeue restart_syscall prctl arch_prctl set_thread_area get_thread_area set_tls "
	     "pidfd_open pidfd_send_signal" },
	/* Scheduling; raising a priority is the kernel's to refuse. */
	{ 0, "sched_yield sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_getattr sched_setattr "
	     "sched_getaffinity sched_setaffinity sched_get_priority_max sched_get_priority_min sched_rr_get_interval "
	     "sched_rr_get_interval_time64 getpriority setpriority nice ioprio_get ioprio_set getcpu" },
	/* Signals. */
	{ 0, "kill tkill tgkill pause alarm rt_sigaction rt_sigprocmask rt_sigpending rt_sigqueueinfo rt_tgsigqueueinfo "
	     "rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 sigaction signal sigaltstack sigpending "
	     "sigprocmask sigreturn sigsuspend sgetmask ssetmask signalfd signalfd4" },
	/* Reading clocks; the two that also set them ask the kernel for CAP_SYS_TIME only then (chrony reads). */
	{ 0, "time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep "
	     "clock_nanosleep_time64 nanosleep adjtimex clock_adjtime clock_adjtime64 getitimer setitimer timer_create "
	     "timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create "
	     "timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times" },
	/* Waiting for events. */
	{ 0, "poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl "
	     "epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 inotify_init inotify_init1 "
	     "inotify_add_watch inotify_rm_watch" },
	/* The old asynchronous input and output: databases and web servers read files with it. */
	{ 0, "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64" },
	/* Sockets; which families, says only_families(). */
	{ 0, "socketpair bind listen accept accept4 connect getsockname getpeername getsockopt setsockopt shutdown send "
	     "sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64" },
	/* System V and POSIX queues, semaphores, shared memory: the IPC namespace's. */
	{ 0, "shmget shmat shmctl shmdt semget semop semtimedop semtimedop_time64 semctl msgget msgsnd msgrcv msgctl ipc "
	     "mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive "
	     "mq_timedreceive_time64" },
	/* Who it is. */
	{ 0, "getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid "
	     "getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 "
	     "setresuid setresuid32 setresgid setresgid32 setgroups setgroups32 setfsuid setfsuid32 setfsgid setfsgid32 "
	     "capget capset" },
	/* What it may use, and on what it runs. */
	{ 0, "getrlimit ugetrlimit setrlimit prlimit64 getrusage sysinfo uname getrandom" },
	/* Confining itself further: sshd, chrony, bind, browsers do. */
	{ 0, "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self lsm_get_self_attr "
	     "lsm_set_self_attr lsm_list_modules" },
	{ CAP(SYS_CHROOT), "chroot" },
	/* Mounts, namespaces and names of the machine: the way out of many a container. */
	{ CAP(SYS_ADMIN), "mount umount umount2 mount_setattr move_mount open_tree open_tree_attr fsopen fsconfig fsmount "
			  "fspick pivot_root setns sethostname setdomainname quotactl quotactl_fd fanotify_init "
			  "fanotify_mark" },
	/* The kernel's own clock. */
	{ CAP(SYS_TIME), "settimeofday stime clock_settime clock_settime64" },
	/* A look into other processes. */
	{ CAP(SYS_PTRACE), "ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp" },
	/* Placing memory on the nodes of a large machine; the holes were many, the users are few. */
	{ CAP(SYS_NICE), "mbind get_mempolicy set_mempolicy set_mempolicy_home_node move_pages migrate_pages" },
	/* Opens any file of a file system by number, also outside the root (the "shocker" escape of 2014). */
	{ CAP(DAC_READ_SEARCH), "open_by_handle_at" },
	/* Programs inside the kernel, and its counters. */
	{ CAP(BPF) | CAP(SYS_ADMIN), "bpf" },
	{ CAP(PERFMON) | CAP(SYS_ADMIN), "perf_event_open" },
	{ CAP(SYSLOG), "syslog" },
	{ CAP(SYS_BOOT), "reboot" },
	{ CAP(SYS_MODULE), "init_module finit_module delete_module" },
	{ CAP(SYS_PACCT), "acct" },
	{ CAP(SYS_RAWIO), "iopl ioperm" },
	{ CAP(SYS_TTY_CONFIG), "vhangup" },
	/* The machine's, or not divided by any namespace: keys of all containers of a user lie in one keyring. */
	{ NOBODY, "kexec_load kexec_file_load swapon swapoff add_key request_key keyctl lookup_dcookie nfsservctl" },
	/* Large, young or old enough to be where kernel holes are found, and every service lives without. */
	{ NOBODY, "io_uring_setup io_uring_enter io_uring_register userfaultfd vmsplice modify_ldt vm86 vm86old" },
};

/* The same list for the 32-bit calls.  x32 stays foreign: whoever tries it is killed. */
#if defined(__x86_64__)
static const char *const arches[] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86" };
#elif defined(__aarch64__)
static const char *const arches[] = { "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM" };
#else
static const char *const arches[0];
#endif

struct rules {
	struct arena *a;
	struct oci_seccomp_rule *at;
	size_t len;
};

static const uint32_t eperm = EPERM, enosys = ENOSYS;

static strings split(struct arena *a, const char *words)
{
	char *text = arena_strdup(a, words), *rest = NULL;
	strings s = { arena_array(a, strlen(words) / 2 + 2, sizeof(*s.at)), 0 };

	for (char *w = strtok_r(text, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
		s.at[s.len++] = w;
	return s;
}

static struct oci_seccomp_rule *add(struct rules *r, strings calls, const uint32_t *errno_ret)
{
	r->at = arena_grow(r->a, r->at, r->len, sizeof(*r->at));
	r->at[r->len] = (struct oci_seccomp_rule){
		.names = calls, .action = errno_ret ? OCI_ACT_ERRNO : OCI_ACT_ALLOW, .errno_ret = errno_ret,
	};
	return &r->at[r->len++];
}

/* One int argument of some calls. */
struct subject {
	struct rules *rules;
	strings calls;
	uint32_t index;
};

enum { MAX_ARGS = 2 };

static void compare(struct rules *rules, struct oci_seccomp_rule *r, uint32_t index, int op, uint64_t value, uint32_t masked)
{
	uint64_t *two = arena_alloc(rules->a, sizeof(*two));

	*two = masked;
	if (!r->args.len)
		r->args.at = arena_array(rules->a, MAX_ARGS, sizeof(*r->args.at));
	r->args.at[r->args.len++] =
		(struct oci_seccomp_arg){ index, value, op == OCI_CMP_MASKED_EQ ? two : NULL, op };
}

/* The answer when the bits of `mask` are those of `value`; what the caller left in the upper half does not count. */
static void when_bits(const struct subject *s, uint32_t mask, uint32_t value, const uint32_t *errno_ret)
{
	compare(s->rules, add(s->rules, s->calls, errno_ret), s->index, OCI_CMP_MASKED_EQ, mask, value);
}

/*
 * The answer for all that is left.  This rule does overlap the others of its calls, which go before it: kist takes the
 * first that fits, and libseccomp asks for masked bits before it compares sizes.
 */
static void otherwise(const struct subject *s, const uint32_t *errno_ret)
{
	compare(s->rules, add(s->rules, s->calls, errno_ret), s->index, OCI_CMP_GE, 0, 0);
}

struct values {
	const uint32_t *at;
	size_t len;
};

static void when_among(const struct subject *s, struct values v, const uint32_t *errno_ret)
{
	for (size_t i = 0; i < v.len; i++)
		when_bits(s, UINT32_MAX, v.at[i], errno_ret);
}

#define VALUES(...) ((struct values){ (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t) })
#define NEW_NAMESPACES                                                                                            \
	((uint32_t)(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | \
		    CLONE_NEWNET))

/* A user namespace of one's own gives all capabilities over what has been the kernel's weakest ground for ten years. */
static void only_old_namespaces(struct rules *r, uint64_t caps)
{
	const struct subject clone = { r, split(r->a, "clone"), 0 }, unshare = { r, split(r->a, "unshare"), 0 };
	const struct subject both = { r, split(r->a, "clone unshare"), 0 };
	const uint32_t unshared = NEW_NAMESPACES | CLONE_NEWTIME; /* for clone that bit is part of a signal's number */

	if (caps & CAP(SYS_ADMIN)) {
		add(r, split(r->a, "clone clone3 unshare"), NULL);
		return;
	}
	when_bits(&clone, NEW_NAMESPACES, 0, NULL);
	when_bits(&unshare, unshared, 0, NULL);
	otherwise(&both, &eperm);
	/* Its flags lie in memory, where no filter sees them; the C library then takes clone. */
	add(r, split(r->a, "clone3"), &enosys);
}

/*
 * Who may not write to the audit log must hear that there is none: sshd and PAM end a login over "not permitted", which
 * is what the kernel would answer.
 */
static void only_own_audit(struct rules *r, strings socket, uint64_t caps)
{
	static const uint32_t none = EPROTONOSUPPORT;
	struct oci_seccomp_rule *rule;

	if (!(caps & CAP(AUDIT_WRITE))) {
		rule = add(r, socket, &none);
		compare(r, rule, 0, OCI_CMP_MASKED_EQ, UINT32_MAX, AF_NETLINK);
		compare(r, rule, 2, OCI_CMP_MASKED_EQ, UINT32_MAX, NETLINK_AUDIT);
	}
	rule = add(r, socket, NULL);
	compare(r, rule, 0, OCI_CMP_MASKED_EQ, UINT32_MAX, AF_NETLINK);
	compare(r, rule, 2, OCI_CMP_GE, 0, 0);
}

/* No AF_ALG (page cache of others, 2026), AF_VSOCK (the way to the hypervisor), nor any of the forty that nobody maintains. */
static void only_families(struct rules *r, uint64_t caps)
{
	const struct subject s = { r, split(r->a, "socket"), 0 };
	struct values open = VALUES(AF_UNIX, AF_INET, AF_INET6, AF_PACKET);

	/*
	 * Its arguments lie in memory, too: a 32-bit program must use socket(2) itself.  First, and not with the default's
	 * errno, because libseccomp makes rules for it out of those for socket(2) where it has none.
	 */
	add(r, split(r->a, "socketcall"), &eperm);
	open.len -= caps & CAP(NET_RAW) ? 0 : 1;
	when_among(&s, open, NULL);
	only_own_audit(r, s.calls, caps);
	otherwise(&s, &eperm);
}

/* Typing into the terminal of whoever started the container, or into a console. */
static void no_typing(struct rules *r)
{
	const struct subject s = { r, split(r->a, "ioctl"), 1 };

	when_among(&s, VALUES(TIOCSTI, TIOCLINUX), &eperm);
	otherwise(&s, NULL);
}

/* Asking, and how uname(2) answers old programs; what would switch off address randomisation or page protection is refused. */
static void only_personalities(struct rules *r)
{
	const struct subject s = { r, split(r->a, "personality"), 0 };

	when_among(&s, VALUES(PER_LINUX, PER_LINUX32, UNAME26, PER_LINUX32 | UNAME26, UINT32_MAX), NULL);
	otherwise(&s, &eperm);
}

static uint64_t mask_of(const struct oci_capabilities *caps)
{
	uint64_t mask = 0;

	for (size_t i = 0; caps && i < caps->bounding.len; i++) {
		const struct word *w = word_find(cap_words, caps->bounding.at[i]);

		mask |= w ? 1ULL << w->value : 0;
	}
	return mask;
}

const struct oci_seccomp *inst_seccomp(struct arena *a, const struct oci_capabilities *caps)
{
	struct oci_seccomp *s = arena_alloc(a, sizeof(*s));
	struct rules r = { .a = a };
	uint64_t mask = mask_of(caps);

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		add(&r, split(a, groups[i].calls), groups[i].caps && !(groups[i].caps & mask) ? &eperm : NULL);
	only_old_namespaces(&r, mask);
	only_families(&r, mask);
	no_typing(&r);
	only_personalities(&r);
	*s = (struct oci_seccomp){
		.default_action = OCI_ACT_ERRNO,
		.default_errno = &enosys,
		.architectures = { (const char **)arches, sizeof(arches) / sizeof(arches[0]) },
		.syscalls = { r.at, r.len },
	};
	return s;
}
