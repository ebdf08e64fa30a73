/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "runtime/plan.h"

/* One argument as a shell would need it, so that the line can be copied. */
static void quote(const char *s, struct text *out)
{
	bool plain = *s != 0;

	for (const char *c = s; *c && plain; c++)
		plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_' || *c == '-' ||
			*c == '.' || *c == '/' || *c == '=' || *c == ':' || *c == ',' || *c == '@' || *c == '%' || *c == '+';
	if (plain) {
		text_add(out, "%s", s);
		return;
	}
	text_add(out, "'");
	for (; *s; s++)
		if (*s == '\'')
			text_add(out, "'\\''");
		else if ((unsigned char)*s < 0x20)
			text_add(out, "\\x%02x", (unsigned char)*s);
		else
			text_addn(out, s, 1);
	text_add(out, "'");
}

static void explain_user(const struct process_plan *p, struct text *out)
{
	text_add(out, "user: %u:%u", p->uid, p->gid);
	for (size_t i = 0; i < p->groups.len; i++)
		text_add(out, "%s%u", i ? "," : ", groups ", p->groups.at[i]);
	if (p->umask)
		text_add(out, ", umask %04o", *p->umask);
	text_add(out, "\n");
}

static void explain_rlimits(const struct oci_process *s, struct text *out)
{
	for (size_t i = 0; i < s->rlimits.len; i++) {
		const struct oci_rlimit *l = &s->rlimits.at[i];

		text_add(out, "rlimit: %s %" PRIu64 " %" PRIu64 "\n", word_name(oci_rlimit_words, l->type), l->soft, l->hard);
	}
}

static void explain_seccomp(const struct oci_seccomp *s, struct text *out)
{
	size_t names = 0;

	if (!s)
		return;
	for (size_t i = 0; i < s->syscalls.len; i++)
		names += s->syscalls.at[i].names.len;
	text_add(out, "seccomp: default %s, %zu rules for %zu names, %zu architectures", word_name(oci_seccomp_actions, s->default_action),
		 s->syscalls.len, names, s->architectures.len);
	for (size_t i = 0; i < s->flags.len; i++)
		text_add(out, ", %s", word_name(oci_seccomp_flags, s->flags.at[i]));
	text_add(out, "%s%s\n", s->listener_path ? ", listener " : "", s->listener_path ? s->listener_path : "");
}

/* What is set by number: the document's words are gone, and the man pages count these. */
static void explain_priorities(const struct process_plan *p, struct text *out)
{
	const struct oci_process *s = p->spec;
	const struct oci_scheduler *c = s->scheduler;

	if (s->oom_score_adj)
		text_add(out, "oom score: %" PRId64 "\n", *s->oom_score_adj);
	if (c)
		text_add(out, "scheduler: policy %d, nice %d, priority %d, %zu flags\n", c->policy, c->nice ? *c->nice : 0,
			 c->priority ? *c->priority : 0, c->flags.len);
	if (c && c->runtime)
		text_add(out, "scheduler: runtime %" PRIu64 ", deadline %" PRIu64 ", period %" PRIu64 "\n", *c->runtime,
			 c->deadline ? *c->deadline : 0, c->period ? *c->period : 0);
	if (s->io_priority)
		text_add(out, "io priority: class %d, level %d\n", s->io_priority->class_,
			 s->io_priority->priority ? *s->io_priority->priority : 0);
	if (p->memory)
		text_add(out, "memory policy: mode %d, nodes %s, %zu flags\n", p->memory->mode,
			 p->memory->nodes ? p->memory->nodes : "none", p->memory->flags.len);
	if (p->personality)
		text_add(out, "personality: %#x\n", (unsigned)p->personality->domain);
	if (!p->new_keyring)
		text_add(out, "session keyring: the caller's\n");
}

static void explain_process(const struct process_plan *p, struct text *out)
{
	const struct oci_process *s = p->spec;

	explain_user(p, out);
	caps_explain(&p->caps, out);
	text_add(out, "no new privileges: %s\n", p->no_new_privs ? "yes" : "no");
	explain_rlimits(s, out);
	explain_priorities(p, out);
	if (s->apparmor_profile)
		text_add(out, "AppArmor profile: %s\n", s->apparmor_profile);
	if (s->selinux_label)
		text_add(out, "SELinux label: %s\n", s->selinux_label);
	explain_seccomp(p->seccomp, out);
	if (p->preserve_fds)
		text_add(out, "descriptors passed in: 3 to %u\n", 2 + p->preserve_fds);
	text_add(out, "terminal: %s\n", p->terminal ? "yes" : "no");
	if (p->size)
		text_add(out, "terminal size: %" PRIu64 " rows, %" PRIu64 " columns\n", p->size->height, p->size->width);
	for (size_t i = 0; i < p->env.len; i++) {
		text_add(out, "env: ");
		quote(p->env.at[i], out);
		text_add(out, "\n");
	}
	text_add(out, "cwd: %s\n%srun:", p->cwd, p->init ? "init: kist's own\n" : "");
	for (size_t i = 0; i < p->args.len; i++) {
		text_add(out, " ");
		quote(p->args.at[i], out);
	}
	text_add(out, "\n");
}

static void explain_hooks(const char *when, const oci_hook_list *l, struct text *out)
{
	for (size_t i = 0; i < l->len; i++)
		text_add(out, "hook %s: %s\n", when, l->at[i].path);
}

void plan_explain(const struct plan *p, struct text *out)
{
	const struct oci_hooks *h = p->spec->hooks;

	text_add(out, "container: %s\n", p->id);
	cg_explain(&p->cg, out);
	ns_explain(&p->ns, out);
	mnt_explain(&p->mnt, out);
	net_explain(&p->net, out);
	if (h) {
		explain_hooks("prestart", &h->prestart, out);
		explain_hooks("createRuntime", &h->create_runtime, out);
		explain_hooks("createContainer", &h->create_container, out);
		explain_hooks("startContainer", &h->start_container, out);
		explain_hooks("poststart", &h->poststart, out);
		explain_hooks("poststop", &h->poststop, out);
	}
	explain_process(&p->process, out);
}
