/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sys.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 6.15 and newer headers name them; the numbers are the same on every architecture. */
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static int out(long r)
{
	return r < 0 ? -errno : (int)r;
}

uid_t sys_euid(void)
{
	return (uid_t)getauxval(AT_EUID);
}

gid_t sys_egid(void)
{
	return (gid_t)getauxval(AT_EGID);
}

bool sys_is_all_root(void)
{
	return !getauxval(AT_UID) && !getauxval(AT_EUID) && !getauxval(AT_GID) && !getauxval(AT_EGID);
}

pid_t sys_clone3(const struct clone_args *args)
{
	return out(syscall(SYS_clone3, args, sizeof(*args)));
}

int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };
	int r, tries = 0;

	/* RESOLVE_IN_ROOT answers EAGAIN when anything on the system was renamed or mounted meanwhile (openat2(2)). */
	do
		r = out(syscall(SYS_openat2, dirfd, path, &how, sizeof(how)));
	while ((r == -EAGAIN || r == -EINTR) && ++tries < 128);
	return r;
}

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return out(syscall(SYS_close_range, first, last, flags));
}

int sys_pidfd_open(pid_t pid)
{
	return out(syscall(SYS_pidfd_open, pid, 0));
}

int sys_pidfd_kill(int pidfd, int sig)
{
	return out(syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0));
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return out(syscall(SYS_pivot_root, new_root, put_old));
}

int sys_detach(const char *path)
{
	enum { DETACH = 2, NOFOLLOW = 8 };

	return out(syscall(SYS_umount2, path, DETACH | NOFOLLOW));
}

int sys_open_tree(int dirfd, const char *path, unsigned flags)
{
	return out(syscall(SYS_open_tree, dirfd, path, flags));
}

int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags)
{
	return out(syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}

int sys_mount_setattr(int dirfd, const char *path, unsigned flags, const struct mount_attr *attr)
{
	return out(syscall(SYS_mount_setattr, dirfd, path, flags, attr, sizeof(*attr)));
}

int sys_fsopen(const char *fs)
{
	return out(syscall(SYS_fsopen, fs, FSOPEN_CLOEXEC));
}

int sys_fsconfig(int fs, unsigned cmd, const char *key, const void *value, int aux)
{
	return out(syscall(SYS_fsconfig, fs, cmd, key, value, aux));
}

int sys_fsmount(int fs, unsigned attr)
{
	return out(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attr));
}

int sys_mount(const char *fs, const char *target, unsigned long flags, const char *data)
{
	return out(syscall(SYS_mount, fs, target, fs, flags, data));
}

int sys_setresuid(uid_t uid)
{
	return out(syscall(SYS_setresuid, uid, uid, uid));
}

int sys_setresgid(gid_t gid)
{
	return out(syscall(SYS_setresgid, gid, gid, gid));
}

int sys_setgroups(size_t n, const gid_t *groups)
{
	return out(syscall(SYS_setgroups, n, groups));
}

int sys_capset(const struct sys_caps *c)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){ (uint32_t)(c->effective >> 32 * i), (uint32_t)(c->permitted >> 32 * i),
							   (uint32_t)(c->inheritable >> 32 * i) };
	return out(syscall(SYS_capset, &head, data));
}

int sys_capget(struct sys_caps *c)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	int r = out(syscall(SYS_capget, &head, data));

	*c = (struct sys_caps){ data[0].effective | (uint64_t)data[1].effective << 32, data[0].permitted | (uint64_t)data[1].permitted << 32,
				data[0].inheritable | (uint64_t)data[1].inheritable << 32 };
	return r;
}

int sys_new_session_keyring(const char *name)
{
	return out(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name));
}

int sys_sched_setattr(const struct sys_sched *attr)
{
	return out(syscall(SYS_sched_setattr, 0, attr, 0));
}

int sys_ioprio_set(int ioclass, int priority)
{
	return out(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(ioclass, priority)));
}

int sys_set_mempolicy(int mode, const unsigned long *mask, unsigned long bits)
{
	return out(syscall(SYS_set_mempolicy, mode, mask, bits));
}

int sys_bpf(int command, union bpf_attr *attr, size_t size)
{
	return out(syscall(SYS_bpf, command, attr, size));
}

int sys_bpf_load(unsigned type, const char *name, const struct bpf_insn *at, size_t len)
{
	enum { TRIES = 10 };
	union bpf_attr attr = { .prog_type = type };
	int fd, tries = 0;

	attr.insns = (uint64_t)(uintptr_t)at;
	attr.insn_cnt = (uint32_t)len;
	attr.license = (uint64_t)(uintptr_t)"GPL";
	strncpy(attr.prog_name, name, sizeof(attr.prog_name) - 1);
	/* The verifier gives up when a signal waits for us, also one that we block. */
	do
		fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	while (fd == -EAGAIN && ++tries < TRIES);
	return fd;
}

int sys_seccomp_load(unsigned flags, const void *program)
{
	return out(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program));
}

int sys_landlock_create(const struct landlock_ruleset_attr *attr, size_t size, unsigned flags)
{
	return out(syscall(SYS_landlock_create_ruleset, attr, size, flags));
}

int sys_landlock_add_path(int rules, const struct landlock_path_beneath_attr *path)
{
	return out(syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, path, 0));
}

int sys_landlock_restrict(int rules)
{
	return out(syscall(SYS_landlock_restrict_self, rules, 0));
}
