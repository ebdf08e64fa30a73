/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/sys.h"
#include "cgroups/devices.h"

#define NAME "kist_devices"
enum { MOST_ATTACHED = 64 /* BPF_CGROUP_MAX_PROGS */ };

/* Not kept anywhere for the next container: loading one costs what finding and proving a pinned one does, and the pins
 * would stay on the host for ever. */
static int load(struct cg_program p)
{
	return sys_bpf_load(BPF_PROG_TYPE_CGROUP_DEVICE, NAME, p.at, p.len);
}

/* Not exclusive: a program of the parent, or one that systemd adds to the scope, still decides as well. */
static int attach(int cgroup, int program, int instead_of)
{
	union bpf_attr attr = { .attach_type = BPF_CGROUP_DEVICE, .attach_flags = BPF_F_ALLOW_MULTI };

	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	if (instead_of >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)instead_of;
	}
	return sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr));
}

static int open_by_id(uint32_t id)
{
	union bpf_attr attr = { .prog_id = id };

	return sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
}

static bool is_ours(int program)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)program, .info_len = sizeof(info) } };

	attr.info.info = (uint64_t)(uintptr_t)&info;
	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) == 0 && !strcmp(info.name, NAME);
}

/* The program of ours that is attached to the cgroup itself; -1 when there is none. */
static int find_ours(int cgroup)
{
	uint32_t ids[MOST_ATTACHED] = { 0 };
	union bpf_attr attr = { .query = { .attach_type = BPF_CGROUP_DEVICE, .prog_cnt = MOST_ATTACHED } };

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	if (sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return -1;
	for (uint32_t i = 0; i < attr.query.prog_cnt && i < MOST_ATTACHED; i++) {
		auto_fd fd = open_by_id(ids[i]);

		if (fd >= 0 && is_ours(fd))
			return take_fd(&fd);
	}
	return -1;
}

/* In a user namespace the identity map of the whole range is missing; there mknod(2) is refused by the kernel, and
 * no device can be opened that the outside did not hand in. */
static bool in_user_namespace(struct arena *a)
{
	char *map;
	unsigned inside, outside, size;

	return file_read(a, AT_FDCWD, "/proc/self/uid_map", 1 << 16, &map, NULL) == 0 &&
	       !(sscanf(map, "%u %u %u", &inside, &outside, &size) == 3 && !inside && !outside && size == UINT32_MAX);
}

static int enforce(struct arena *a, int cgroup, const cg_device_rules *rules, bool fresh, struct err *e)
{
	auto_fd fd = -1;
	auto_fd old = -1;
	int r;

	if (!rules->len)
		return 0;
	fd = load(cg_device_program(a, rules));
	old = fd < 0 || fresh ? -1 : find_ours(cgroup);
	r = fd < 0 ? fd : attach(cgroup, fd, old);
	if (r == -EPERM && in_user_namespace(a))
		return 0;
	if (r == -EPERM)
		return err_set(e, EPERM, "enforce linux.resources.devices: Operation not permitted; loading a BPF program needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN");
	return r < 0 ? err_num(e, r, "enforce linux.resources.devices by a BPF program (needs CONFIG_CGROUP_BPF)") : 0;
}

int cg_attach_devices(struct arena *a, int cgroup, const cg_device_rules *rules, struct err *e)
{
	return enforce(a, cgroup, rules, true, e);
}

int cg_replace_devices(struct arena *a, int cgroup, const cg_device_rules *rules, struct err *e)
{
	return enforce(a, cgroup, rules, false, e);
}
