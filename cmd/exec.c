/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/text.h"
#include "cmd/verbs.h"
#include "instances/facts.h"
#include "instances/instance.h"
#include "instances/user.h"

struct exec {
	struct ct_exec ct;
	const char *process;
};

static const struct opt rows[] = {
	O_STR(struct exec, process, 'p', "process", "FILE", COMPLETE_FILE,
	      "run the process that FILE describes, an OCI \"process\" object, instead of COMMAND"),
	O_FLAG(struct exec, ct.detach, 'd', "detach", "return as soon as the command runs"),
	O_STR(struct exec, ct.pid_file, 0, "pid-file", "FILE", COMPLETE_FILE,
	      "write the pid of the command to FILE, without a newline"),
	O_FLAG(struct exec, ct.tty, 't', "tty", "give the command a terminal"),
	{ 'i', "interactive", NULL, OPT_IGNORED, COMPLETE_NONE, 0, 0, NULL, "accepted: standard input is always passed on" },
	O_STR(struct exec, ct.console_socket, 0, "console-socket", "SOCKET", COMPLETE_FILE,
	      "send the master of the command's terminal to this UNIX socket"),
	O_STR(struct exec, ct.cwd, 0, "cwd", "DIR", COMPLETE_NONE, "start in DIR of the container"),
	O_STR(struct exec, ct.cwd, 'w', "workdir", "DIR", COMPLETE_NONE, "the same"),
	O_LIST(struct exec, ct.env, 'e', "env", "NAME=VALUE",
	       "add to the environment; in an instance, without =VALUE, the caller's own (any number of times)"),
	O_STR(struct exec, ct.user, 'u', "user", "USER[:GROUP]", COMPLETE_NONE,
	      "run as this user and group, by number or, in an instance, by name"),
	O_LIST(struct exec, ct.groups, 'g', "additional-gids", "GID", "one more group (any number of times)"),
	O_LIST(struct exec, ct.caps, 'c', "cap", "CAPABILITY", "one more capability (any number of times)"),
	O_FLAG(struct exec, ct.no_new_privs, 0, "no-new-privs",
	       "programs cannot gain privileges by being executed"),
	O_STR(struct exec, ct.selinux, 0, "process-label", "LABEL", COMPLETE_NONE,
	      "run with this SELinux label"),
	O_STR(struct exec, ct.apparmor, 0, "apparmor", "PROFILE", COMPLETE_NONE,
	      "run under this AppArmor profile"),
	O_STR(struct exec, ct.cgroup, 0, "cgroup", "PATH", COMPLETE_NONE,
	      "run in this existing cgroup below the container's"),
	O_FLAG(struct exec, ct.ignore_paused, 0, "ignore-paused", "do not refuse a paused container"),
	O_U32(struct exec, ct.preserve_fds, 0, "preserve-fds", "N",
	      "keep N more descriptors open in the command, from 3 on"),
	O_STR(struct exec, ct.pidfd_socket, 0, "pidfd-socket", "SOCKET", COMPLETE_FILE,
	      "send a pidfd of the command to this UNIX socket"),
	O_IGNORED("no-subreaper", NULL, "accepted for callers of runc"),
};

static int find_user(struct call *c, struct ct_exec *ct, struct strv *env, struct err *e)
{
	struct arena *a = c->ctx.arena;
	struct strv groups = { .arena = a };
	struct inst_user u;
	int r = ct->user ? inst_user_inside(&c->ctx, ct->id, ct->user, &u, e) : 0;

	if (!ct->user || r == -ESRCH) /* it does not run, which is said better where that matters */
		return 0;
	if (r < 0)
		return err_in(e, r, "option --user");
	ct->user = arena_printf(a, "%u:%u", u.ids.uid, u.ids.gid);
	strv_add(&groups, arena_printf(a, "%u", u.ids.gid)); /* at least this one: none would mean those of the first process */
	for (size_t k = 0; k < u.ids.groups.len; k++)
		strv_add(&groups, arena_printf(a, "%u", u.ids.groups.at[k]));
	for (size_t k = 0; k < ct->groups.len; k++)
		strv_add(&groups, ct->groups.at[k]);
	ct->groups = (strings){ groups.at, groups.len };
	strv_setenv(env, "HOME", u.home);
	return 0;
}

/*
 * In an instance a user has groups and a home as with kist run, a name may say who, and a variable alone is the caller's.
 * Other containers are an engine's, which means what it says.
 */
static int complete(struct call *c, struct ct_exec *ct, struct err *e)
{
	struct strv env = { .arena = c->ctx.arena };
	auto_inst i = INST_NONE;
	int r;

	if (inst_open(c->ctx.arena, c->data, ct->id, &i, NULL) < 0)
		return 0;
	r = find_user(c, ct, &env, e);
	for (size_t k = 0; !r && k < ct->env.len; k++)
		r = inst_env_add(&env, "option --env", ct->env.at[k], e);
	ct->env = (strings){ env.at, env.len };
	return r;
}

static int run(struct call *c, struct err *e)
{
	struct exec *o = c->opts;
	struct oci_process process = { 0 };
	int r;

	o->ct.id = c->args.at[0];
	o->ct.args.at = (const char **)c->args.at + 1;
	o->ct.args.len = (size_t)c->args.n - 1;
	if (!o->process == !o->ct.args.len)
		return err_set(e, EINVAL, "exec: either COMMAND or --process FILE is needed%s; %s",
			       o->process ? ", not both" : "", "kist exec --help explains");
	if (!o->ct.detach) /* callers of runc tell a failure of the runtime from one of the command by it */
		c->failed = 255;
	if (o->process) {
		r = oci_load_process(c->ctx.arena, o->process, &process, e);
		if (r < 0)
			return r;
		o->ct.process = &process;
	}
	r = complete(c, &o->ct, e);
	return r < 0 ? r : ct_exec(&c->ctx, &o->ct, &c->code, e);
}

const struct verb verb_exec = {
	.name = "exec",
	.summary = "run one more command in a container",
	.detail = "COMMAND is a path or a name that is looked up in the container's PATH. All that "
		  "follows ID belongs to the command, also what looks like an option. kist ends with "
		  "the exit code of the command, or 128 and the number of the signal that ended it; "
		  "with 255 when the command could not be run.",
	.operands = { { "ID", COMPLETE_CONTAINER }, { "[COMMAND [ARG...]]", COMPLETE_NONE } },
	.examples = {
		{ "kist exec dns1 dig @127.0.0.1 www.example.org", "Ask the server from inside." },
		{ "kist exec -t -e TERM=xterm dns1 /bin/sh -l", "A shell on a terminal." },
		{ "kist exec --detach --process job.json dns1", "What a file describes, in the background." },
	},
	OPTS(struct exec, rows),
	.run = run,
};
