/* SPDX-License-Identifier: GPL-2.0-or-later */
/* create, run, start and the dry run: bundle → spec → plan → birth. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "cgroups/control.h"
#include "runtime/birth.h"
#include "runtime/console.h"
#include "runtime/destroy.h"
#include "runtime/guard.h"
#include "runtime/hooks.h"
#include "runtime/network.h"
#include "runtime/oom.h"

struct loaded {
	struct ct_create o; /* bundle made absolute */
	struct oci_spec spec;
	const char *text;
	size_t len;
	struct host host;
	struct plan plan;
	int netns; /* network_share() */
	int init;  /* guard_program() */
};
#define LOADED_NONE { .netns = -1, .init = -1 }

static void loaded_done(struct loaded *l)
{
	fd_done(&l->netns);
	fd_done(&l->init);
}
#define auto_loaded __attribute__((cleanup(loaded_done))) struct loaded

static int absolute(struct arena *a, const char *path, const char **out, struct err *e)
{
	char cwd[PATH_MAX];

	if (path && *path == '/') {
		*out = path_clean(a, path);
		return 0;
	}
	if (!getcwd(cwd, sizeof(cwd)))
		return err_sys(e, "find the current directory");
	*out = path ? path_clean(a, path_join(a, cwd, path)) : arena_strdup(a, cwd);
	return 0;
}

/* Socket activation is meant for us only when it names our pid (sd_listen_fds(3)). */
static struct plan_env activation(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	struct plan_env env = { 0 };
	uint32_t p, n;

	if (pid && fds && text_u32(pid, &p) && text_u32(fds, &n) && p == (uint32_t)getpid() && n < 1024) {
		env.listen_fds = n;
		env.listen_names = getenv("LISTEN_FDNAMES");
	}
	return env;
}

static int read_bundle(const struct ct_ctx *c, const struct ct_create *o, struct loaded *l, struct err *e)
{
	int r = ct_check_id(o->id, e);

	l->o = *o;
	if (!r)
		r = absolute(c->arena, o->bundle, &l->o.bundle, e);
	l->text = o->text;
	l->len = o->text_len;
	return r || o->text ? r : oci_load_text(c->arena, l->o.bundle, o->config, &l->text, &l->len, e);
}

static int parse(const struct ct_ctx *c, struct loaded *l, struct err *e)
{
	struct plan_env env = activation();
	int r = oci_parse_spec(c->arena, l->o.config ? l->o.config : "config.json", l->text, l->len, &l->spec, e);

	if (!r)
		r = host_probe(c->arena, cg_wants_limits(l->spec.linux_ ? l->spec.linux_->resources : NULL), &l->host, e);
	if (!r)
		r = network_share(c, &l->spec, l->o.dry_run, &l->netns, e);
	if (!r)
		r = plan_build(c, &l->o, &l->spec, &l->host, &env, &l->plan, e);
	if (!r && l->plan.process.init && !l->o.dry_run)
		r = l->init = guard_program(e);
	return r < 0 ? r : 0;
}

int ct_explain(const struct ct_ctx *c, const struct ct_create *o, struct text *out, struct err *e)
{
	auto_loaded l = LOADED_NONE;
	struct ct_create dry = *o;
	int r;

	dry.dry_run = true;
	r = read_bundle(c, &dry, &l, e);
	if (!r)
		r = parse(c, &l, e);
	if (!r)
		plan_explain(&l.plan, out);
	return r;
}

/*
 * The point of no return: what is planned can be done, and the program file is safe.  A text without id maps cannot
 * spare us the guard, so it comes before the parsing, which then is not done twice.
 */
static int prepare(const struct ct_ctx *c, const struct ct_create *o, struct loaded *l, struct err *e)
{
	static const oci_mappings nobody = { NULL, 0 };
	int r = read_bundle(c, o, l, e);
	bool maps = !r && strstr(l->text, "\"uidMappings\"");

	if (!r && !maps && !o->guarded)
		r = guard_exe(c, &nobody, e);
	if (!r)
		r = parse(c, l, e);
	if (!r)
		r = birth_check_fds(l->plan.process.preserve_fds, e);
	return r || !maps || o->guarded ? r : guard_exe(c, &l->plan.ns.uids, e);
}

int ct_create(const struct ct_ctx *c, const struct ct_create *o, struct err *e)
{
	auto_loaded l = LOADED_NONE;
	struct ct_create detached = *o;
	auto_birth b;
	int r;

	birth_init(&b, c, &l.plan);
	detached.detach = true;
	r = prepare(c, &detached, &l, e);
	b.job.netns = l.netns;
	b.job.init = l.init;
	if (!r)
		r = birth_container(&b, &l.o, l.text, l.len, e);
	if (!r)
		r = chan_send(&b.chan, MSG_KEPT, NULL, e);
	if (r)
		return r;
	(void)record_unlock(b.dir);
	birth_keep(&b);
	return 0;
}

static int poststart(const struct ct_ctx *c, const struct ct_record *r, const struct oci_spec *spec, struct err *e)
{
	struct oci_state state;

	if (!spec->hooks || !spec->hooks->poststart.len)
		return 0;
	state = record_state(c->arena, r, CT_RUNNING);
	return hooks_run(c->arena, "poststart", &spec->hooks->poststart, &state, r->bundle, e);
}

/* What a container has while it is waited for. */
struct foreground {
	int signals;
	bool keep;
	struct oom_watch oom;
};

static void foreground_done(struct foreground *f)
{
	fd_done(&f->signals);
	oom_done(&f->oom);
}
#define auto_foreground __attribute__((cleanup(foreground_done))) struct foreground

static int attend(const struct ct_ctx *c, struct birth *b, struct foreground *f, int *code, struct err *e)
{
	struct relay relay = { .pidfd = b->pidfd, .pid = b->pid, .master = take_fd(&b->console), .signals = f->signals,
			       .events = take_fd(&f->oom.own) };
	int status = 0, r;

	cg_scope_release(&b->scope);
	r = relay_run(&relay, &status, e);
	if (r)
		return r;
	fd_done(&b->pidfd); /* reaped: the number may be somebody else's now */
	*code = proc_exit_code(status);
	if (*code == 128 + SIGKILL && b->record.cgroup)
		oom_tell(&f->oom, &b->record, relay.oom_kills);
	birth_keep(b);
	return f->keep ? 0 : destroy_own(c, b->dir, &b->record, e);
}

int ct_run(const struct ct_ctx *c, const struct ct_create *o, int *code, struct err *e)
{
	auto_loaded l = LOADED_NONE;
	struct ct_create run = *o;
	auto_birth b;
	auto_foreground f = { -1, o->keep, OOM_NONE };
	int r;

	*code = 0;
	birth_init(&b, c, &l.plan);
	run.run = true;
	r = prepare(c, &run, &l, e);
	if (!r && !o->detach) {
		f.signals = relay_block_signals(e);
		r = f.signals < 0 ? f.signals : 0;
	}
	b.job.netns = l.netns;
	b.job.init = l.init;
	if (!r)
		r = birth_container(&b, &l.o, l.text, l.len, e);
	if (r)
		return r;
	if (b.console >= 0 && !o->console_socket && !l.plan.process.size)
		relay_copy_size(b.console);
	if (!o->detach)
		oom_begin(&f.oom, &b.record);
	r = birth_go(&b, e);
	if (!r)
		r = poststart(c, &b.record, &l.spec, e);
	if (r)
		return r;
	(void)record_unlock(b.dir);
	if (!o->detach)
		return attend(c, &b, &f, code, e);
	birth_keep(&b);
	return 0;
}

static int release(int dir, struct err *e)
{
	auto_fd s = record_connect(dir, true);
	struct chan start = { s, PARENT };
	int r;

	if (s < 0)
		return err_num(e, s, "reach the waiting init");
	r = chan_send(&start, MSG_GO, NULL, e);
	return r < 0 ? r : chan_expect_end(&start, e);
}

int ct_start(const struct ct_ctx *c, const char *id, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_CHANGE, e);
	struct ct_record rec;
	struct oci_spec spec = { 0 };
	enum ct_status s;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	if (r < 0)
		return r;
	s = record_status(dir, &rec, RECORD_CHANGE);
	if (s == CT_STOPPED)
		return err_set(e, ESRCH, "cannot start a container that has stopped: %s; container not running", id);
	if (s != CT_CREATED)
		return err_set(e, EBUSY, "cannot start container %s: it is %s", id, ct_status_word(s));
	if (rec.hooks)
		r = record_load_config(c->arena, dir, &spec, e);
	if (!r)
		r = release(dir, e);
	if (r)
		return r;
	record_started(dir);
	return poststart(c, &rec, &spec, e);
}
