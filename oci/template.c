/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `kist spec` prints: runc's default, so that scripts which edit it keep working, with these safer
 * choices: no ambient capabilities, a cgroup namespace, and the host files masked that later kernels leak.
 */
#include <linux/sched.h>
#include <string.h>
#include <sys/resource.h>

#include "oci/spec.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STRINGS(...) \
	{ (const char *[]){ __VA_ARGS__, NULL }, COUNT(((const char *[]){ __VA_ARGS__ })) }

static const struct oci_mount mounts[] = {
	{ .destination = "/proc", .type = "proc", .source = "proc" },
	{ .destination = "/dev", .type = "tmpfs", .source = "tmpfs",
	  .options = STRINGS("nosuid", "strictatime", "mode=755", "size=65536k") },
	{ .destination = "/dev/pts", .type = "devpts", .source = "devpts",
	  .options = STRINGS("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5") },
	{ .destination = "/dev/shm", .type = "tmpfs", .source = "shm",
	  .options = STRINGS("nosuid", "noexec", "nodev", "mode=1777", "size=65536k") },
	{ .destination = "/dev/mqueue", .type = "mqueue", .source = "mqueue",
	  .options = STRINGS("nosuid", "noexec", "nodev") },
	{ .destination = "/sys", .type = "sysfs", .source = "sysfs",
	  .options = STRINGS("nosuid", "noexec", "nodev", "ro") },
	{ .destination = "/sys/fs/cgroup", .type = "cgroup", .source = "cgroup",
	  .options = STRINGS("nosuid", "noexec", "nodev", "relatime", "ro") },
};

/* With the host's network namespace a user namespace may not mount sysfs, so the host's is bound. */
static const struct oci_mount rootless_sys = {
	.destination = "/sys", .type = "none", .source = "/sys",
	.options = STRINGS("rbind", "nosuid", "noexec", "nodev", "ro"),
};
static const strings rootless_pts = STRINGS("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620");

static const struct oci_namespace namespaces[] = {
	{ .type = CLONE_NEWPID }, { .type = CLONE_NEWNET },   { .type = CLONE_NEWIPC },
	{ .type = CLONE_NEWUTS }, { .type = CLONE_NEWNS },    { .type = CLONE_NEWCGROUP },
};

#define CAPABILITIES STRINGS("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE")
static const struct oci_capabilities capabilities = {
	.bounding = CAPABILITIES, .permitted = CAPABILITIES, .effective = CAPABILITIES,
};

static const struct oci_rlimit rlimits[] = { { RLIMIT_NOFILE, 1024, 1024 } };
static const struct oci_device_rule device_rules[] = { { .allow = false, .access = "rwm" } };

static const strings args = STRINGS("sh");
static const strings env =
	STRINGS("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm");
static const strings masked = STRINGS("/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
				      "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
				      "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware",
				      "/sys/devices/virtual/powercap", "/proc/scsi");
static const strings readonly =
	STRINGS("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

/* The copies are the caller's to change; the tables above are not. */
#define COPY(a, list, array) copy(a, list, sizeof(*(list)), array, COUNT(array), sizeof((array)[0]))

static void copy(struct arena *a, void *list, size_t list_size, const void *array, size_t n, size_t size)
{
	struct any_list l = { memcpy(arena_array(a, n, size), array, n * size), n };

	memcpy(list, &l, list_size);
}

static const struct oci_process *process(struct arena *a)
{
	static const struct oci_user user;
	struct oci_process *p = arena_alloc(a, sizeof(*p));

	p->terminal = true;
	p->user = &user;
	p->args = args;
	p->env = env;
	p->cwd = "/";
	p->capabilities = &capabilities;
	COPY(a, &p->rlimits, rlimits);
	p->no_new_privileges = true;
	return p;
}

static void full(struct arena *a, struct oci_linux *l)
{
	struct oci_resources *r = arena_alloc(a, sizeof(*r));

	COPY(a, &r->devices, device_rules);
	l->resources = r;
	COPY(a, &l->namespaces, namespaces);
}

/* Without privilege: the caller is root inside, the network is the host's, and no limits. */
static void rootless(struct arena *a, uint32_t uid, uint32_t gid, struct oci_spec *s, struct oci_linux *l)
{
	const struct oci_mapping uids[] = { { 0, uid, 1 } }, gids[] = { { 0, gid, 1 } };

	COPY(a, &l->uid_mappings, uids);
	COPY(a, &l->gid_mappings, gids);
	COPY(a, &l->namespaces, namespaces);
	for (size_t i = 0; i < l->namespaces.len; i++)
		if (l->namespaces.at[i].type == CLONE_NEWNET)
			l->namespaces.at[i].type = CLONE_NEWUSER;
	for (size_t i = 0; i < s->mounts.len; i++) {
		if (!strcmp(s->mounts.at[i].destination, "/sys"))
			s->mounts.at[i] = rootless_sys;
		else if (!strcmp(s->mounts.at[i].destination, "/dev/pts"))
			s->mounts.at[i].options = rootless_pts;
	}
}

void oci_template(struct arena *a, bool without_root, uint32_t uid, uint32_t gid, struct oci_spec *out)
{
	static const struct oci_root root = { .path = "rootfs", .readonly = true };
	struct oci_linux *l = arena_alloc(a, sizeof(*l));

	*out = (struct oci_spec){
		.version = "1.3.0", .root = &root, .hostname = "kist", .process = process(a), .linux_ = l,
	};
	COPY(a, &out->mounts, mounts);
	l->masked_paths = masked;
	l->readonly_paths = readonly;
	if (without_root)
		rootless(a, uid, gid, out, l);
	else
		full(a, l);
}
