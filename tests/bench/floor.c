/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor - the kernel work of one container of the default (`runc spec`) configuration, with
 * everything known at compile time: no document is read, nothing is looked up, nothing is
 * written down that a later command does not need. It shows how fast a runtime could be on the
 * machine at hand. It is a measuring stick and no runtime: it trusts its root file system.
 *
 *   floor run ROOTFS CMD...          a container from birth to clean-up
 *   floor create ID ROOTFS CMD...    the same in three commands
 *   floor start ID
 *   floor delete ID
 *   floor state ID                   says "created" once start can be used
 *   floor exec ID CMD...             one more process in a running container
 *
 * The cgroup v2 mount is taken from FLOOR_CGROUP, default /sys/fs/cgroup.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <net/if.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATE "/run/floor"
#define SPACES \
	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *type, *at;
	unsigned long flags;
	const char *data;
} mounts[] = {
	{ "proc", "proc", 0, NULL },
	{ "tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k" },
	{ "devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5" },
	{ "tmpfs", "dev/shm", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k" },
	{ "mqueue", "dev/mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL },
	{ "sysfs", "sys", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL },
	{ "cgroup2", "sys/fs/cgroup", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RELATIME | MS_RDONLY,
	  NULL },
};

static const struct {
	const char *path;
	unsigned major, minor;
} devices[] = {
	{ "dev/null", 1, 3 }, { "dev/zero", 1, 5 },   { "dev/full", 1, 7 },
	{ "dev/tty", 5, 0 },  { "dev/random", 1, 8 }, { "dev/urandom", 1, 9 },
};

static const char *const links[][2] = {
	{ "/proc/self/fd", "dev/fd" },       { "/proc/self/fd/0", "dev/stdin" },
	{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
	{ "/proc/kcore", "dev/core" },       { "pts/ptmx", "dev/ptmx" },
};

static const char *const masked[] = {
	"proc/acpi",          "proc/asound",     "proc/kcore",       "proc/keys",
	"proc/latency_stats", "proc/timer_list", "proc/timer_stats", "proc/sched_debug",
	"sys/firmware",       "proc/scsi",
};

static const char *const read_only[] = {
	"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger",
};

/* What the parent and the child of one birth share. */
struct birth {
	const char *rootfs;
	char **argv;
	int ready;  /* create only, else -1: the child says that it waits */
	int listen; /* create only, else -1: where start connects */
};

static long must(long result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
		_exit(125);
	}
	return result;
}

/* ---- the cgroup ---- */

static void cgroup_path(const char *id, const char *file, char *out, size_t size)
{
	const char *mount = getenv("FLOOR_CGROUP");

	snprintf(out, size, "%s/%s%s", mount ? mount : "/sys/fs/cgroup", id, file);
}

enum { TO_ALLOWED = -1, TO_DENIED = -2 };

struct program {
	struct bpf_insn insn[64];
	int n;
};

static void emit(struct program *p, uint8_t code, unsigned dst, unsigned src, int off, int imm)
{
	p->insn[p->n++] = (struct bpf_insn){
		.code = code,
		.dst_reg = dst & 15U,
		.src_reg = src & 15U,
		.off = (int16_t)off,
		.imm = imm,
	};
}

/* Go to "allowed", whose place is filled in at the end, if the register holds the value. */
static void allow_if(struct program *p, unsigned reg, int value)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, reg, 0, TO_ALLOWED, value);
}

static void allow_device(struct program *p, unsigned major, unsigned minor)
{
	emit(p, BPF_JMP | BPF_JNE | BPF_K, 4, 0, 1, (int)major);
	allow_if(p, 5, (int)minor);
}

/*
 * "Deny all" of the configuration, with what every runtime lets through: any mknod, the default
 * devices, ptmx and terminals. Loading costs by the instruction, so there are few of them.
 */
static void device_program(struct program *p)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0);
	emit(p, BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0);
	emit(p, BPF_ALU64 | BPF_RSH | BPF_K, 3, 0, 0, 16);
	allow_if(p, 3, BPF_DEVCG_ACC_MKNOD);
	emit(p, BPF_LDX | BPF_MEM | BPF_W, 4, 1, offsetof(struct bpf_cgroup_dev_ctx, major), 0);
	emit(p, BPF_LDX | BPF_MEM | BPF_W, 5, 1, offsetof(struct bpf_cgroup_dev_ctx, minor), 0);
	emit(p, BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 0xffff);
	emit(p, BPF_JMP | BPF_JNE | BPF_K, 2, 0, TO_DENIED, BPF_DEVCG_DEV_CHAR);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		allow_device(p, devices[i].major, devices[i].minor);
	allow_device(p, 5, 2);
	allow_if(p, 4, 136);
	for (int i = 0, denied = p->n; i < denied; i++)
		if (p->insn[i].off < 0)
			p->insn[i].off =
				(int16_t)(denied - i - 1 + (p->insn[i].off == TO_ALLOWED ? 2 : 0));
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void limit_devices(int cgroup)
{
	struct program p = { .n = 0 };
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE };
	union bpf_attr attach = { .attach_type = BPF_CGROUP_DEVICE };
	int fd;

	device_program(&p);
	load.insns = (uintptr_t)p.insn;
	load.insn_cnt = (uint32_t)p.n;
	load.license = (uintptr_t) "GPL";
	fd = (int)must(syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load)), "bpf load");
	attach.target_fd = (uint32_t)cgroup;
	attach.attach_bpf_fd = (uint32_t)fd;
	attach.attach_flags = BPF_F_ALLOW_MULTI;
	must(syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)), "bpf attach");
	close(fd);
}

static int cgroup_open(const char *id)
{
	char path[256];

	cgroup_path(id, "", path, sizeof(path));
	return (int)must(open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC), "open cgroup");
}

static int cgroup_make(const char *id)
{
	char path[256];
	int fd;

	cgroup_path(id, "", path, sizeof(path));
	must(mkdir(path, 0755), "make cgroup");
	fd = cgroup_open(id);
	limit_devices(fd);
	return fd;
}

static void cgroup_remove(const char *id)
{
	char path[256];

	cgroup_path(id, "", path, sizeof(path));
	while (rmdir(path) < 0 && errno == EBUSY)
		usleep(100);
}

/* ---- the child: what the container sees ---- */

static void make_mounts(const char *rootfs)
{
	must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "propagation");
	must(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL), "bind rootfs");
	must(chdir(rootfs), "enter rootfs");
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		if (strncmp(mounts[i].at, "dev/", 4) == 0)
			must(mkdir(mounts[i].at, 0755), mounts[i].at);
		must(mount(mounts[i].type, mounts[i].at, mounts[i].type, mounts[i].flags,
			   mounts[i].data),
		     mounts[i].at);
	}
}

static void make_devices(void)
{
	umask(0);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		must(mknod(devices[i].path, S_IFCHR | 0666,
			   makedev(devices[i].major, devices[i].minor)),
		     devices[i].path);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		must(symlink(links[i][0], links[i][1]), links[i][1]);
	umask(022);
}

static void hide_paths(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(masked); i++) {
		if (mount("dev/null", masked[i], NULL, MS_BIND, NULL) == 0 || errno == ENOENT)
			continue;
		if (errno == ENOTDIR)
			must(mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, NULL), masked[i]);
		else
			must(-1, masked[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(read_only); i++) {
		const char *path = read_only[i];

		if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0 && errno == ENOENT)
			continue;
		must(mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), path);
	}
	must(mount(NULL, ".", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), "read-only root");
}

static void change_root(void)
{
	/* The old root is stacked under the new one, so no directory is needed for it. */
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "detach the old root");
	must(chdir("/"), "chdir");
}

static void loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = (int)must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	must(ioctl(fd, SIOCSIFFLAGS, &lo), "lo up");
	close(fd);
}

static void give_up_privileges(void)
{
	const uint32_t keep = 1U << CAP_AUDIT_WRITE | 1U << CAP_KILL | 1U << CAP_NET_BIND_SERVICE;
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { { .effective = keep, .permitted = keep } };
	const struct rlimit files = { 1024, 1024 };

	must(setrlimit(RLIMIT_NOFILE, &files), "rlimit");
	for (int cap = 0; cap < 64; cap++)
		if ((cap >= 32 || !(keep & 1U << cap)) && prctl(PR_CAPBSET_DROP, cap) < 0)
			break; /* beyond the last capability of this kernel */
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(0, 0, 0), "setresgid");
	must(setresuid(0, 0, 0), "setresuid");
	must(syscall(SYS_capset, &head, caps), "capset");
	must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient capabilities");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static void payload(char **argv)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char term[] = "TERM=xterm";
	char *const env[] = { path, term, NULL };

	must(syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
	execve(argv[0], argv, env);
}

/* The connection closes at exec; a byte on it means that there was no exec. */
static void wait_for_start(const struct birth *b)
{
	int fd;

	must(write(b->ready, "r", 1), "ready");
	fd = (int)must(accept4(b->listen, NULL, NULL, SOCK_CLOEXEC), "accept");
	payload(b->argv);
	must(write(fd, "x", 1), "answer");
	must(-1, b->argv[0]);
}

static void child(const struct birth *b)
{
	make_mounts(b->rootfs);
	make_devices();
	must(sethostname("floor", 5), "hostname");
	loopback_up();
	hide_paths();
	change_root();
	give_up_privileges();
	if (b->ready >= 0)
		wait_for_start(b);
	payload(b->argv);
	must(-1, b->argv[0]);
}

/* ---- the commands ---- */

static pid_t spawn(uint64_t spaces, int cgroup)
{
	struct clone_args args = {
		.flags = spaces | CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)cgroup,
	};

	return (pid_t)must(syscall(SYS_clone3, &args, sizeof(args)), "clone3");
}

static int wait_for(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0), "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int cmd_run(char **argv)
{
	struct birth b = { .rootfs = argv[0], .argv = argv + 1, .ready = -1, .listen = -1 };
	char id[32];
	int cgroup, status;
	pid_t pid;

	snprintf(id, sizeof(id), "floor-%d", getpid());
	cgroup = cgroup_make(id);
	pid = spawn(SPACES, cgroup);
	if (pid == 0)
		child(&b);
	status = wait_for(pid);
	cgroup_remove(id);
	return status;
}

static int start_socket(const char *id, struct sockaddr_un *at)
{
	at->sun_family = AF_UNIX;
	snprintf(at->sun_path, sizeof(at->sun_path), STATE "/%s/start", id);
	return (int)must(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket");
}

static void write_pid(const char *id, pid_t pid)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), STATE "/%s/pid", id);
	fd = (int)must(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "pid file");
	must(dprintf(fd, "%d", pid), "pid file");
	close(fd);
}

static pid_t read_pid(const char *id)
{
	char path[128], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), STATE "/%s/pid", id);
	fd = (int)must(open(path, O_RDONLY | O_CLOEXEC), "pid file");
	must(read(fd, text, sizeof(text) - 1), "pid file");
	close(fd);
	return atoi(text);
}

static int cmd_create(char **argv)
{
	const char *id = argv[0];
	struct birth b = { .rootfs = argv[1], .argv = argv + 2 };
	struct sockaddr_un at = { 0 };
	char path[128], byte;
	int cgroup, ready[2];
	pid_t pid;

	mkdir(STATE, 0700);
	snprintf(path, sizeof(path), STATE "/%s", id);
	must(mkdir(path, 0700), path);
	b.listen = start_socket(id, &at);
	must(bind(b.listen, (struct sockaddr *)&at, sizeof(at)), "bind");
	must(listen(b.listen, 1), "listen");
	must(pipe2(ready, O_CLOEXEC), "pipe");
	b.ready = ready[1];
	cgroup = cgroup_make(id);
	pid = spawn(SPACES, cgroup);
	if (pid == 0)
		child(&b);
	close(ready[1]);
	if (must(read(ready[0], &byte, 1), "ready") != 1)
		return 125;
	write_pid(id, pid);
	return 0;
}

static int cmd_start(char **argv)
{
	struct sockaddr_un at = { 0 };
	int fd = start_socket(argv[0], &at);
	char byte;

	must(connect(fd, (struct sockaddr *)&at, sizeof(at)), "connect");
	return must(read(fd, &byte, 1), "start") == 0 ? 0 : 127;
}

static int cmd_state(char **argv)
{
	read_pid(argv[0]);
	puts("\"status\": \"created\"");
	return 0;
}

static int cmd_delete(char **argv)
{
	char path[256];
	int fd;

	cgroup_path(argv[0], "/cgroup.kill", path, sizeof(path));
	fd = (int)must(open(path, O_WRONLY | O_CLOEXEC), "cgroup.kill");
	must(write(fd, "1", 1), "cgroup.kill");
	close(fd);
	cgroup_remove(argv[0]);
	snprintf(path, sizeof(path), STATE "/%s/start", argv[0]);
	unlink(path);
	snprintf(path, sizeof(path), STATE "/%s/pid", argv[0]);
	unlink(path);
	snprintf(path, sizeof(path), STATE "/%s", argv[0]);
	must(rmdir(path), path);
	return 0;
}

static int cmd_exec(char **argv)
{
	int cgroup = cgroup_open(argv[0]);
	int pidfd = (int)must(syscall(SYS_pidfd_open, read_pid(argv[0]), 0), "pidfd_open");
	pid_t pid;

	must(syscall(SYS_setns, pidfd, SPACES), "setns");
	pid = spawn(0, cgroup);
	if (pid == 0) {
		give_up_privileges();
		payload(argv + 1);
		must(-1, argv[1]);
	}
	return wait_for(pid);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int operands;
		int (*run)(char **argv);
	} commands[] = {
		{ "run", 2, cmd_run },     { "create", 3, cmd_create }, { "start", 1, cmd_start },
		{ "state", 1, cmd_state }, { "delete", 1, cmd_delete }, { "exec", 2, cmd_exec },
	};

	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].operands)
			return commands[i].run(argv + 2);
	fprintf(stderr, "usage: floor run ROOTFS CMD... | create ID ROOTFS CMD... | start ID |\n"
			"       state ID | delete ID | exec ID CMD...\n");
	return 125;
}
