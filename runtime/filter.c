/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/sys.h"
#include "runtime/filter_cache.h"
#include "runtime/tree.h"

#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

/* The call that hands over the listener is the first after loading: it would wait for an answer that nobody can give. */
static bool notifies_itself(const struct oci_seccomp_rule *r)
{
	bool sends = false;

	for (size_t i = 0; i < r->names.len; i++)
		sends |= !strcmp(r->names.at[i], "sendmsg");
	return sends && r->action == OCI_ACT_NOTIFY;
}

static int choose_flags(const struct oci_seccomp *s, struct filter *out, struct err *e)
{
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
	/*
	 * The kernel refuses the first together with TSYNC, which for the one thread of a child means nothing, and the second
	 * without a listener, of which alone it speaks.
	 */
	if (out->notify)
		out->flags = (out->flags | SECCOMP_FILTER_FLAG_NEW_LISTENER) & ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;
	else
		out->flags &= ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	return 0;
}

static int compile(struct arena *a, const struct oci_seccomp *s, struct sock_fprog *out, struct err *e)
{
	struct code code = { .arena = a };

	tree_build(s, &code);
	if (code.len > BPF_MAXINSNS)
		return err_set(e, E2BIG, "linux.seccomp: the program has %zu instructions, but Linux takes at most %d", code.len,
			       BPF_MAXINSNS);
	*out = (struct sock_fprog){ (unsigned short)code.len, code_program(&code) };
	return 0;
}

int filter_compile(struct arena *a, const char *root, const struct oci_seccomp *s, struct filter *out, struct err *e)
{
	struct filter_key key;
	int r;

	*out = (struct filter){ 0 };
	r = s ? choose_flags(s, out, e) : 0;
	if (r || !s || !root)
		return r || !s ? r : compile(a, s, &out->program, e);
	key = filter_key(a, s);
	if (filter_cached(a, root, &key, &out->program))
		return 0;
	r = compile(a, s, &out->program, e);
	if (!r)
		filter_keep(a, root, &key, &out->program);
	return r;
}

int filter_load(const struct filter *f, struct err *e)
{
	int r;

	if (!f->program.len)
		return 0;
	r = sys_seccomp_load(f->flags, &f->program);
	return r < 0 ? err_num(e, r, "load the seccomp program of %u instructions", f->program.len) : r;
}
