/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_SYS_H
#define BASE_SYS_H
/*
 * Every system call that glibc 2.36 lacks, hides, or declares in a header that clashes with
 * <linux/mount.h>.  Each returns the kernel's result or -errno and says nothing; nothing else in the
 * tree calls syscall().  Do not include <sys/mount.h> beside this header.
 */
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Values of mount(2)'s propagation word, which mount_setattr(2) shares (include/uapi/linux/mount.h). */
#ifndef MS_PRIVATE
#define MS_NODEV 4
#define MS_UNBINDABLE (1 << 17)
#define MS_PRIVATE (1 << 18)
#define MS_SLAVE (1 << 19)
#define MS_SHARED (1 << 20)
#endif

/* The effective ids at execve(2), without a system call: nothing in the parent changes them. */
uid_t sys_euid(void);
gid_t sys_egid(void);
bool sys_is_all_root(void); /* real and effective, user and group */

pid_t sys_clone3(const struct clone_args *args);
int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
int sys_pidfd_open(pid_t pid);
int sys_pidfd_kill(int pidfd, int sig);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_detach(const char *path); /* umount2(MNT_DETACH | UMOUNT_NOFOLLOW) */

int sys_open_tree(int dirfd, const char *path, unsigned flags);
int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags);
int sys_mount_setattr(int dirfd, const char *path, unsigned flags, const struct mount_attr *attr);
int sys_fsopen(const char *fs);
int sys_fsconfig(int fs, unsigned cmd, const char *key, const void *value, int aux);
int sys_fsmount(int fs, unsigned attr);
int sys_mount(const char *fs, const char *target, unsigned long flags, const char *data); /* mount(2); `fs` is its source, too */

int sys_setresuid(uid_t uid); /* all three, this thread only: the child is a fork with one thread */
int sys_setresgid(gid_t gid);
int sys_setgroups(size_t n, const gid_t *groups);

struct sys_caps {
	uint64_t effective, permitted, inheritable;
};
int sys_capget(struct sys_caps *c);
int sys_capset(const struct sys_caps *c); /* of the calling thread */
int sys_new_session_keyring(const char *name);

struct sys_sched {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};
int sys_sched_setattr(const struct sys_sched *attr);
int sys_ioprio_set(int ioclass, int priority);
int sys_set_mempolicy(int mode, const unsigned long *mask, unsigned long bits);
union bpf_attr;
int sys_bpf(int command, union bpf_attr *attr, size_t size); /* some commands answer in attr */
struct bpf_insn;
int sys_bpf_load(unsigned type, const char *name, const struct bpf_insn *at, size_t len); /* a program of so many; its descriptor */
struct landlock_ruleset_attr;
struct landlock_path_beneath_attr;
int sys_landlock_create(const struct landlock_ruleset_attr *attr, size_t size, unsigned flags);
int sys_landlock_add_path(int rules, const struct landlock_path_beneath_attr *path);
int sys_landlock_restrict(int rules); /* the calling thread */
int sys_seccomp_load(unsigned flags, const void *program); /* returns the listener when flags ask for one */
#endif
