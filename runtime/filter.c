/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/sys.h"
#include "runtime/tree.h"

#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif

/* The call that hands over the listener is the first after loading: it would wait for an answer that nobody can give. */
static bool notifies_itself(const struct oci_seccomp_rule *r)
{
	bool sends = false;

	for (size_t i = 0; i < r->names.len; i++)
		sends |= !strcmp(r->names.at[i], "sendmsg");
	return sends && r->action == OCI_ACT_NOTIFY;
}

int filter_compile(struct arena *a, const struct oci_seccomp *s, struct filter *out, struct err *e)
{
	struct code code = { .arena = a };

	*out = (struct filter){ 0 };
	if (!s)
		return 0;
	for (size_t i = 0; i < s->flags.len; i++)
		out->flags |= (unsigned)s->flags.at[i];
	out->notify = s->default_action == OCI_ACT_NOTIFY;
	for (size_t i = 0; i < s->syscalls.len; i++) {
		out->notify |= s->syscalls.at[i].action == OCI_ACT_NOTIFY;
		if (notifies_itself(&s->syscalls.at[i]))
			return err_set(e, EINVAL, "linux.seccomp.syscalls[%zu]: SCMP_ACT_NOTIFY for sendmsg would stop the start itself, "
						  "which hands over the listener with that call", i);
	}
	if (out->notify && !s->listener_path)
		return err_set(e, EINVAL, "linux.seccomp: SCMP_ACT_NOTIFY needs listenerPath, the socket that receives the notifications");
	if (out->notify)
		out->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	tree_build(s, &code);
	if (code.len > BPF_MAXINSNS)
		return err_set(e, E2BIG, "linux.seccomp: the program has %zu instructions, but Linux takes at most %d", code.len,
			       BPF_MAXINSNS);
	out->program = (struct sock_fprog){ (unsigned short)code.len, code_program(&code) };
	return 0;
}

int filter_load(const struct filter *f, struct err *e)
{
	int r;

	if (!f->program.len)
		return 0;
	r = sys_seccomp_load(f->flags, &f->program);
	return r < 0 ? err_num(e, r, "load the seccomp program of %u instructions", f->program.len) : r;
}
