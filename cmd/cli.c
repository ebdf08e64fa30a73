/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "cmd/pages.h"
#include "cmd/verbs.h"
#include "cmd/version.h"

struct globals {
	const char *root, *data, *log;
	int json, level, manager;
};

static const struct word formats[] = { { "text", false }, { "json", true }, { NULL, 0 } };
static const struct word levels[] = {
	{ "error", LOG_ERROR }, { "warning", LOG_WARNING }, { "debug", LOG_DEBUG }, { NULL, 0 },
};
static const struct word managers[] = {
	{ "cgroupfs", CT_CGROUPFS },
	{ "systemd", CT_SYSTEMD },
	{ "disabled", CT_CGROUP_DISABLED },
	{ NULL, 0 },
};

static const struct opt rows[] = {
	O_STR(struct globals, root, 0, "root", "DIR", COMPLETE_DIR,
	      "keep the state of containers in DIR (default: /run/kist, or $XDG_RUNTIME_DIR/kist for a user "
	      "other than root)"),
	O_STR(struct globals, data, 0, "data", "DIR", COMPLETE_DIR,
	      "keep images, volumes and instances in DIR (default: /var/lib/kist, or $XDG_DATA_HOME/kist for a "
	      "user other than root)"),
	O_STR(struct globals, log, 0, "log", "FILE", COMPLETE_FILE,
	      "append errors and messages to FILE; errors still go to standard error as well"),
	O_WORD(struct globals, json, 0, "log-format", "FORMAT", formats,
	       "how messages are written to FILE"),
	O_WORD(struct globals, level, 0, "log-level", "LEVEL", levels,
	       "write messages down to this level"),
	O_SET(struct globals, level, LOG_DEBUG, 0, "debug", "the same as --log-level=debug"),
	O_WORD(struct globals, manager, 0, "cgroup-manager", "MANAGER", managers,
	       "who makes the cgroup of a new container; it is kept with the container"),
	O_SET(struct globals, manager, CT_SYSTEMD, 0, "systemd-cgroup",
	      "the same as --cgroup-manager=systemd"),
	O_IGNORED("rootless", "true|false|auto", "accepted for callers of runc; kist sees for itself"),
	O_IGNORED("criu", "FILE", "accepted for callers of runc"),
	O_STOP(OPTS_VERSION, 'v', "version", "print the version, the specification's and what is built in"),
	O_STOP(OPTS_VERSION, 'V', NULL, NULL),
};

const struct verb verb_kist = {
	.name = "kist",
	.program = true,
	.subs = verbs,
	.summary = "run isolated userland instances on one Linux kernel",
	.detail = "kist runs a program in namespaces and cgroups of its own, from a bundle: a "
		  "directory with a root filesystem and a config.json as the OCI runtime "
		  "specification 1.3 has it. It can stand in for runc or crun under podman, "
		  "containerd, CRI-O, docker and buildah.\n\n"
		  "Options before COMMAND are for every command; each command has its own after its "
		  "name. All may be written --name VALUE or --name=VALUE, with one dash or two, and "
		  "repeated: the last one wins.",
	.operands = GROUP_OPERANDS,
	.examples = {
		{ "kist spec && kist run --bundle . dns1",
		  "Write a starter config.json here and run it as the container dns1." },
		{ "kist --root /run/lab list", "List the containers that live apart from the default ones." },
		{ "kist --log log.json --log-format json start dns1", "As a container engine calls it." },
	},
	OPTS(struct globals, rows),
};

/*
 * A descriptor of 0, 1 or 2 that the caller left closed would be taken by the next file opened here and
 * handed to the container as its standard stream.
 */
static void fill_stdio(void)
{
	struct pollfd p[] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(p, 3, 0) <= 0)
		return;
	for (int i = 0; i < 3; i++)
		if (p[i].revents & POLLNVAL)
			(void)!open("/dev/null", O_RDWR);
}

static int open_log(const struct globals *g, struct err *e)
{
	log_config.chosen = g->level >= 0;
	if (log_config.chosen)
		log_config.level = (enum log_level)g->level;
	log_config.json = g->json;
	if (!g->log)
		return 0;
	if (text_starts(g->log, "journald:") || text_starts(g->log, "syslog:"))
		return err_set(e, ENOTSUP, "option --log: %s: this version of kist logs to files only",
			       g->log);
	log_config.fd = open(g->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	return log_config.fd < 0 ? err_sys(e, "open the log file %s", g->log) : 0;
}

/* A directory that an option names, made absolute; `what` is what it would be of. */
static int find_dir(struct arena *a, const char *option, const char *what, const char *dir, const char **out,
		    struct err *e)
{
	char here[4096];

	if (*dir != '/') {
		if (!getcwd(here, sizeof(here)))
			return err_sys(e, "option --%s: %s: find the current directory", option, dir);
		dir = path_join(a, here, dir);
	}
	*out = path_clean(a, dir);
	if (!strcmp(*out, "/"))
		return err_set(e, EINVAL, "option --%s: / cannot be the %s directory; give it one of its own",
			       option, what);
	return 0;
}

/* As the XDG base directory specification has it; without a home, where only root may write. */
static const char *default_data(struct arena *a)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (sys_euid() == 0 || ((!data || *data != '/') && (!home || *home != '/')))
		return "/var/lib/kist";
	return data && *data == '/' ? path_join(a, data, "kist") : path_join(a, home, ".local/share/kist");
}

static int find_dirs(struct call *c, const struct globals *g, struct err *e)
{
	struct arena *a = c->ctx.arena;
	int r = 0;

	c->ctx.root = ct_default_root(a);
	c->data = default_data(a);
	if (g->root)
		r = find_dir(a, "root", "state", g->root, &c->ctx.root, e);
	if (g->data && r >= 0)
		r = find_dir(a, "data", "data", g->data, &c->data, e);
	c->ctx.data = c->data;
	return r;
}

/* The verb of `group` that comes next on the command line. */
static int run(struct call *c, const struct verb *group, struct err *e)
{
	const struct verb *v = verb_need(c->ctx.arena, group, c->args.at[0], e);
	int r;

	if (!v)
		return -EINVAL;
	c->verb = v;
	c->words = c->args;
	c->opts = arena_alloc(c->ctx.arena, v->size + 1);
	c->failed = v->failed ? v->failed : c->failed;
	c->args.at++;
	c->args.n--;
	r = opts_parse(c->ctx.arena, v, &c->args, c->opts, e);
	if (r == OPTS_HELP)
		return page_print_help(c->ctx.arena, v, e);
	if (r < 0)
		return r;
	return v->subs ? run(c, v, e) : v->run(c, e);
}

static int begin(struct call *c, const struct globals *g, struct err *e)
{
	int r = find_dirs(c, g, e);

	c->ctx.manager = (enum ct_manager)g->manager;
	return r < 0 ? r : run(c, &verb_kist, e);
}

int cli_run(struct arena *a, int argc, char **argv, int *code, struct err *e)
{
	struct call c = { .ctx = { .arena = a, .argv = argv }, .args = { argc - 1, argv + 1 }, .failed = 1 };
	struct globals g = { .level = -1 };
	int r, log;

	fill_stdio();
	r = opts_parse(a, &verb_kist, &c.args, &g, e);
	log = open_log(&g, r < 0 ? NULL : e); /* a wrong option after --log belongs into the log too */
	if (r >= 0 && log < 0)
		r = log;
	else if (r == OPTS_HELP)
		r = page_print_help(a, &verb_kist, e);
	else if (r == OPTS_VERSION)
		r = verb_print(version_text(a), e);
	else if (r == 0)
		r = begin(&c, &g, e);
	*code = r < 0 ? c.failed : c.code;
	return r;
}
