/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of a composed document: what runs, as whom, with which rights and surroundings. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "instances/compose.h"
#include "instances/security.h"

static const struct oci_image_run *image_run(const struct inst_facts *f)
{
	static const struct oci_image_run none;

	return f->image && f->image->config.config ? f->image->config.config : &none;
}

/* Words behind the image's name take the place of its Cmd, --entrypoint that of its Entrypoint and its Cmd. */
static int compose_args(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_process *p,
			struct err *e)
{
	const struct oci_image_run *run = image_run(f);
	const char *asked = o->entrypoint.len ? o->entrypoint.at[o->entrypoint.len - 1] : NULL;
	const strings *cmd = f->command.len || asked ? &f->command : &run->cmd;
	struct strv v = { .arena = a };

	if (asked && *asked)
		strv_add(&v, asked);
	for (size_t i = 0; i < run->entrypoint.len && !asked; i++)
		strv_add(&v, run->entrypoint.at[i]);
	for (size_t i = 0; i < cmd->len; i++)
		strv_add(&v, cmd->at[i]);
	p->args = (strings){ v.at, v.len };
	if (v.len)
		return 0;
	return err_set(e, EINVAL, "%s says no command to run; give one behind its name", f->image ? "the image" : "a directory");
}

static void set_all(struct strv *env, const strings *words)
{
	for (size_t i = 0; i < words->len; i++) {
		const char *eq = strchr(words->at[i], '=');

		strv_setenv(env, arena_strndup(env->arena, words->at[i], (size_t)(eq - words->at[i])), eq + 1);
	}
}

/* An image's entries are a stranger's: one without a name or a value would be read as another variable's. */
static int check_image_env(const strings *env, struct err *e)
{
	for (size_t i = 0; i < env->len; i++)
		if (*env->at[i] == '=' || !strchr(env->at[i], '='))
			return err_set(e, EINVAL, "the image's Env[%zu] \"%s\" is not NAME=VALUE", i, env->at[i]);
	return 0;
}

static int compose_env(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_process *p,
		       struct err *e)
{
	const struct oci_image_run *run = image_run(f);
	struct strv env = { .arena = a };
	int r = check_image_env(&run->env, e);

	if (r)
		return r;
	strv_setenv(&env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	strv_setenv(&env, "HOME", f->user.home);
	strv_setenv(&env, "HOSTNAME", o->hostname ? o->hostname : f->name);
	strv_setenv(&env, "container", "kist");
	if (o->tty)
		strv_setenv(&env, "TERM", "xterm");
	set_all(&env, &run->env);
	set_all(&env, &f->env);
	p->env = (strings){ env.at, env.len };
	return 0;
}

/* "nofile=1024:4096", "core=0", "nproc=-1" */
static int read_limit(struct arena *a, const char *given, struct oci_rlimit *out, struct err *e)
{
	char *name = arena_printf(a, "RLIMIT_%s", given), *value = strchr(name, '='), *hard;
	const struct word *w;
	bool good;

	if (!value)
		return err_set(e, EINVAL, "option --ulimit \"%s\": expected NAME=SOFT or NAME=SOFT:HARD", given);
	*value++ = 0;
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	hard = strchr(value, ':');
	if (hard)
		*hard++ = 0;
	w = word_find(oci_rlimit_words, name);
	if (!w)
		return err_set(e, EINVAL, "option --ulimit \"%s\": unknown limit", given);
	*out = (struct oci_rlimit){ w->value, RLIM_INFINITY, RLIM_INFINITY };
	good = !strcmp(value, "-1") || !strcmp(value, "unlimited") || text_u64(value, &out->soft);
	out->hard = out->soft;
	if (hard)
		good &= !strcmp(hard, "-1") || !strcmp(hard, "unlimited") ? (out->hard = RLIM_INFINITY, true)
									    : text_u64(hard, &out->hard);
	if (!good || out->soft > out->hard)
		return err_set(e, EINVAL, "option --ulimit \"%s\": expected numbers, or -1 for unlimited, the first not above the second", given);
	return 0;
}

/* What systemd gives a service: few files for who uses select(2), many for who asks. */
enum { FILES = 1024, FILES_HARD = 524288 };

static int compose_limits(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_process *p,
			  struct err *e)
{
	uint64_t hard = f->nofile < FILES_HARD ? f->nofile : FILES_HARD, soft = hard < FILES ? hard : FILES;

	p->rlimits.at = arena_array(a, 1 + o->ulimits.len, sizeof(*p->rlimits.at));
	p->rlimits.at[0] = (struct oci_rlimit){ RLIMIT_NOFILE, soft, hard };
	p->rlimits.len = 1;
	for (size_t i = 0; i < o->ulimits.len; i++) {
		struct oci_rlimit l;
		size_t k = 0;
		int r = read_limit(a, o->ulimits.at[i], &l, e);

		if (r)
			return r;
		while (k < p->rlimits.len && p->rlimits.at[k].type != l.type)
			k++;
		p->rlimits.at[k] = l;
		p->rlimits.len += k == p->rlimits.len;
	}
	return 0;
}

static int compose_user(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_process *p,
			struct err *e)
{
	struct oci_user *u = arena_alloc(a, sizeof(*u));
	uint32_t *mask = arena_alloc(a, sizeof(*mask));

	*u = f->user.ids;
	p->user = u;
	if (!o->umask)
		return 0;
	for (const char *c = o->umask; *c; c++) {
		if (*c < '0' || *c > '7' || c - o->umask > 3)
			return err_set(e, EINVAL, "option --umask \"%s\": expected up to four octal digits", o->umask);
		*mask = *mask * 8 + (uint32_t)(*c - '0');
	}
	u->umask = mask;
	return *mask <= 0777 ? 0 : err_set(e, EINVAL, "option --umask \"%s\": at most 0777", o->umask);
}

int inst_compose_process(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_process *p,
			 struct err *e)
{
	struct oci_capabilities *caps = arena_alloc(a, sizeof(*caps));
	const struct oci_image_run *run = image_run(f);
	struct inst_security s;
	int r = inst_security_parse(a, o, &s, e);

	if (!r)
		r = compose_args(a, o, f, p, e);
	if (!r)
		r = compose_env(a, o, f, p, e);
	if (!r)
		r = compose_user(a, o, f, p, e);
	if (!r)
		r = compose_limits(a, o, f, p, e);
	if (!r)
		r = inst_capabilities(a, o, p->user->uid, caps, e);
	if (r)
		return r;
	p->capabilities = caps;
	p->terminal = o->tty;
	p->cwd = o->workdir ? o->workdir : run->workdir && *run->workdir ? run->workdir : "/";
	if (*p->cwd != '/')
		return err_set(e, EINVAL, "%s \"%s\": expected an absolute path",
			       o->workdir ? "option --workdir" : "the image's WorkingDir", p->cwd);
	p->no_new_privileges = !s.new_privs;
	p->apparmor_profile = s.apparmor;
	p->selinux_label = s.label;
	return 0;
}
