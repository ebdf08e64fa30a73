/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/fd.h"
#include "base/sys.h"
#include "cgroups/devices.h"

static int load(const struct cg_program *p)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE };

	attr.insns = (uint64_t)(uintptr_t)p->at;
	attr.insn_cnt = (uint32_t)p->len;
	attr.license = (uint64_t)(uintptr_t)"GPL";
	memcpy(attr.prog_name, "kist_devices", sizeof("kist_devices"));
	return sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* Not exclusive: a program of the parent, or one that systemd adds to the scope, still decides as well. */
static int attach(int cgroup, int program)
{
	union bpf_attr attr = { .attach_type = BPF_CGROUP_DEVICE, .attach_flags = BPF_F_ALLOW_MULTI };

	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	return sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr));
}

int cg_attach_devices(struct arena *a, int cgroup, const cg_device_rules *rules, struct err *e)
{
	struct cg_program p;
	auto_fd fd = -1;
	int r;

	if (!rules->len)
		return 0;
	p = cg_device_program(a, rules);
	fd = load(&p);
	r = fd < 0 ? fd : attach(cgroup, fd);
	if (r == -EPERM)
		return err_set(e, EPERM, "enforce linux.resources.devices: Operation not permitted; loading a BPF program needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN");
	return r < 0 ? err_num(e, r, "enforce linux.resources.devices by a BPF program (needs CONFIG_CGROUP_BPF)") : 0;
}
