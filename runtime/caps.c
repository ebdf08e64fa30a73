/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/sys.h"

const struct word cap_words[] = {
	{ "CAP_CHOWN", CAP_CHOWN },
	{ "CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE },
	{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH },
	{ "CAP_FOWNER", CAP_FOWNER },
	{ "CAP_FSETID", CAP_FSETID },
	{ "CAP_KILL", CAP_KILL },
	{ "CAP_SETGID", CAP_SETGID },
	{ "CAP_SETUID", CAP_SETUID },
	{ "CAP_SETPCAP", CAP_SETPCAP },
	{ "CAP_LINUX_IMMUTABLE", CAP_LINUX_IMMUTABLE },
	{ "CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE },
	{ "CAP_NET_BROADCAST", CAP_NET_BROADCAST },
	{ "CAP_NET_ADMIN", CAP_NET_ADMIN },
	{ "CAP_NET_RAW", CAP_NET_RAW },
	{ "CAP_IPC_LOCK", CAP_IPC_LOCK },
	{ "CAP_IPC_OWNER", CAP_IPC_OWNER },
	{ "CAP_SYS_MODULE", CAP_SYS_MODULE },
	{ "CAP_SYS_RAWIO", CAP_SYS_RAWIO },
	{ "CAP_SYS_CHROOT", CAP_SYS_CHROOT },
	{ "CAP_SYS_PTRACE", CAP_SYS_PTRACE },
	{ "CAP_SYS_PACCT", CAP_SYS_PACCT },
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN },
	{ "CAP_SYS_BOOT", CAP_SYS_BOOT },
	{ "CAP_SYS_NICE", CAP_SYS_NICE },
	{ "CAP_SYS_RESOURCE", CAP_SYS_RESOURCE },
	{ "CAP_SYS_TIME", CAP_SYS_TIME },
	{ "CAP_SYS_TTY_CONFIG", CAP_SYS_TTY_CONFIG },
	{ "CAP_MKNOD", CAP_MKNOD },
	{ "CAP_LEASE", CAP_LEASE },
	{ "CAP_AUDIT_WRITE", CAP_AUDIT_WRITE },
	{ "CAP_AUDIT_CONTROL", CAP_AUDIT_CONTROL },
	{ "CAP_SETFCAP", CAP_SETFCAP },
	{ "CAP_MAC_OVERRIDE", CAP_MAC_OVERRIDE },
	{ "CAP_MAC_ADMIN", CAP_MAC_ADMIN },
	{ "CAP_SYSLOG", CAP_SYSLOG },
	{ "CAP_WAKE_ALARM", CAP_WAKE_ALARM },
	{ "CAP_BLOCK_SUSPEND", CAP_BLOCK_SUSPEND },
	{ "CAP_AUDIT_READ", CAP_AUDIT_READ },
	{ "CAP_PERFMON", CAP_PERFMON },
	{ "CAP_BPF", CAP_BPF },
	{ "CAP_CHECKPOINT_RESTORE", CAP_CHECKPOINT_RESTORE },
	{ NULL, 0 },
};

static int mask_of(const strings *names, const char *set, uint64_t *out, struct err *e)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < names->len; i++) {
		const struct word *w = word_find(cap_words, names->at[i]);

		if (!w)
			return err_set(e, EINVAL, "process.capabilities.%s[%zu]: unknown capability \"%s\" (names are spelled CAP_NET_BIND_SERVICE)",
				       set, i, names->at[i]);
		mask |= 1ULL << w->value;
	}
	*out = mask;
	return 0;
}

int caps_plan(const struct oci_capabilities *in, struct caps *out, struct err *e)
{
	static const struct oci_capabilities none = { 0 };
	const struct oci_capabilities *c = in ? in : &none;
	const struct {
		const strings *names;
		const char *set;
		uint64_t *mask;
	} sets[] = {
		{ &c->bounding, "bounding", &out->bounding },	       { &c->permitted, "permitted", &out->permitted },
		{ &c->effective, "effective", &out->effective },       { &c->inheritable, "inheritable", &out->inheritable },
		{ &c->ambient, "ambient", &out->ambient },
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		int r = mask_of(sets[i].names, sets[i].set, sets[i].mask, e);

		if (r)
			return r;
	}
	if (out->effective & ~out->permitted)
		return err_set(e, EINVAL, "process.capabilities.effective has capabilities that permitted has not: the kernel refuses that");
	/* Engines list ambient without inheritable and expect it to be dropped, as runc does. */
	out->ambient &= out->inheritable & out->permitted;
	return 0;
}

static void explain_set(const char *what, uint64_t mask, struct text *out)
{
	text_add(out, "capabilities %s:", what);
	for (const struct word *w = cap_words; w->name; w++)
		if (mask & 1ULL << w->value)
			text_add(out, " %s", w->name + strlen("CAP_"));
	text_add(out, "%s\n", mask ? "" : " none");
}

void caps_explain(const struct caps *c, struct text *out)
{
	explain_set("bounding", c->bounding, out);
	explain_set("permitted", c->permitted, out);
	explain_set("effective", c->effective, out);
	if (c->inheritable)
		explain_set("inheritable", c->inheritable, out);
	if (c->ambient)
		explain_set("ambient", c->ambient, out);
}

/* The kernel says EINVAL for the first capability that it does not know. */
int caps_drop_bounding(const struct caps *c, struct err *e)
{
	for (int cap = 0; cap < 64; cap++) {
		if (c->bounding & 1ULL << cap)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return errno == EINVAL ? 0 : err_sys(e, "drop capability %d from the bounding set", cap);
	}
	return 0;
}

static int raise_ambient(uint64_t mask, struct err *e)
{
	for (int cap = 0; mask; cap++, mask >>= 1)
		if (mask & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return err_sys(e, "raise ambient capability %s", word_name(cap_words, cap));
	return 0;
}

int caps_shrink(uint64_t keep, struct err *e)
{
	struct sys_caps own;
	int r = sys_capget(&own);

	if (!r) {
		own = (struct sys_caps){ own.permitted & keep, own.permitted & keep, 0 };
		r = sys_capset(&own);
	}
	return r < 0 ? err_num(e, r, "give up capabilities") : 0;
}

int caps_set(const struct caps *c, struct err *e)
{
	struct sys_caps all = { c->effective, c->permitted, c->inheritable };
	int r = sys_capset(&all);

	if (r == -EPERM)
		return err_set(e, EPERM, "set capabilities: Operation not permitted; process.capabilities asks for one that kist itself was not given");
	if (r < 0)
		return err_num(e, r, "set capabilities");
	/* The kernel keeps ambient within inheritable; what is left was inherited from whoever started kist. */
	if (c->inheritable && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_sys(e, "clear the ambient capabilities");
	return raise_ambient(c->ambient, e);
}
