/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/life.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "instances/closed.h"
#include "instances/end.h"
#include "instances/ids.h"
#include "instances/leave.h"
#include "instances/streams.h"
#include "runtime/guard.h"

static struct ct_create bundle(const struct inst *i, const struct ct_create *o)
{
	struct ct_create b = *o;

	b.id = i->name;
	b.bundle = i->path;
	b.text = i->text;
	b.text_len = i->len;
	b.guarded = true;
	return b;
}

/* How the container of an instance begins. */
struct way {
	inst_begin *begin;
	bool detached, listens;
};

static int begin(const struct ct_ctx *c, struct inst *i, const struct ct_create *b, const struct way *w, int *code,
		 struct err *e)
{
	auto_streams s = INST_STREAMS_OWN;
	int r = inst_divert(i, w->detached, w->listens, &s, e);

	if (r)
		return r;
	return w->detached ? inst_leave(c, i, w->begin, b, e) : w->begin(c, b, code, e);
}

/* A first process that nobody has told to go on ends a moment after its maker. */
static void let_end(const struct ct_ctx *c, const struct inst *i)
{
	enum { MOMENT_MS = 100 };
	auto_watch w = { -1, -1, 0 };

	if (ct_watch(c, i->name, &w, NULL) == 0)
		(void)ct_wait_event(&w, MOMENT_MS, NULL);
}

/* Half of a container, whose maker was killed, goes; one that runs in spite of the failure must stay. */
static bool runs_still(const struct ct_ctx *c, const struct inst *i)
{
	struct oci_state s;

	let_end(c, i);
	if (ct_state(c, i->name, &s, NULL) < 0)
		return false;
	return !strcmp(s.status, "running") || !strcmp(s.status, "paused") || ct_delete(c, i->name, true, NULL) < 0;
}

/* After its container: the instance stays, or goes with it. */
static int settle(const struct ct_ctx *c, struct inst *i, const struct way *w, int code, int r, struct err *e)
{
	i->kept = r == 0 || runs_still(c, i);
	if (r || w->detached)
		return r;
	if (!i->spec.kist->remove)
		return inst_end_write(i, code, e);
	inst_end_tell(i, code);
	return inst_remove(i, e);
}

static int begin_new(const struct ct_ctx *c, const char *data, const struct inst_request *q, const struct ct_create *o,
		     const struct way *w, int *code, struct err *e)
{
	auto_inst i = INST_NONE;
	struct ct_create b;
	int r = inst_make(c, data, q, &i, e);

	if (r)
		return r;
	b = bundle(&i, o);
	r = begin(c, &i, &b, w, code, e);
	return settle(c, &i, w, *code, r, e);
}

int inst_run(const struct ct_ctx *c, const char *data, const struct inst_request *q, const struct ct_create *o, int *code,
	     struct err *e)
{
	const struct way w = { ct_run, o->detach, q->options->interactive || q->options->tty };

	*code = 0;
	return begin_new(c, data, q, o, &w, code, e);
}

static int create(const struct ct_ctx *c, const struct ct_create *b, int *code, struct err *e)
{
	*code = 0;
	return ct_create(c, b, e);
}

int inst_create(const struct ct_ctx *c, const char *data, const struct inst_request *q, const struct ct_create *o, struct err *e)
{
	const struct way w = { create, true, false };
	int code = 0;

	return begin_new(c, data, q, o, &w, &code, e);
}

/* Its ids and its place may have been lost with the last boot's state, but never given to another. */
static int prepare_again(const struct ct_ctx *c, struct inst *i, struct err *e)
{
	struct oci_state s;
	int r = inst_claim(c, i, e);

	if (!r)
		r = inst_reload(i, e);
	/* Its upper directory is not written back as a lasting one is (overlayfs, "volatile"). */
	if (!r && i->spec.kist->remove)
		return err_set(e, EINVAL, "instance %s was made with --rm and has ended, so it cannot be started again: delete it", i->name);
	if (!r && i->ids)
		r = inst_ids_check(i->a, &i->store, i->name, i->ids, e);
	if (r || ct_state(c, i->name, &s, NULL) < 0)
		return r;
	if (strcmp(s.status, "stopped"))
		return err_set(e, EBUSY, "cannot start instance %s: it is %s", i->name, s.status);
	return ct_delete(c, i->name, false, e);
}

static int run_again(const struct ct_ctx *c, struct inst *i, bool attach, int *code, struct err *e)
{
	static const struct ct_create none;
	static const struct oci_linux no_maps;
	const struct oci_linux *l = i->spec.linux_ ? i->spec.linux_ : &no_maps;
	const struct way w = { ct_run, !attach, i->spec.process->terminal };
	struct ct_create b;
	int r = guard_exe(c, &l->uid_mappings, e);

	if (!r)
		r = prepare_again(c, i, e);
	if (!r)
		r = inst_check_closed(&i->spec, e);
	if (!r)
		r = inst_end_forget(i, e);
	b = bundle(i, &none);
	b.detach = !attach;
	if (!r)
		r = begin(c, i, &b, &w, code, e);
	return r || w.detached ? r : inst_end_write(i, *code, e);
}

int inst_start(const struct ct_ctx *c, const char *data, const char *id, bool attach, int *code, struct err *e)
{
	auto_inst i = INST_NONE;
	struct err said = { 0 };
	int r = ct_start(c, id, &said), found;

	if (r != -ENOENT && r != -ESRCH) {
		if (e)
			*e = said;
		return r;
	}
	found = inst_open(c->arena, data, id, &i, e);
	if (found == -ENOENT && e)
		*e = said;
	return found == -ENOENT ? r : found ? found : run_again(c, &i, attach, code, e);
}

/* 1: the instance goes, too; 0: it stays, for the container of that id is another's, of a bundle elsewhere. */
static int check_delete(const struct ct_ctx *c, const struct inst *i, struct err *e)
{
	struct oci_state s;
	int r = ct_state(c, i->name, &s, NULL);

	if (!r)
		return !strcmp(s.bundle, i->path);
	r = r == -ENOENT ? inst_claim(c, i, e) : 0;
	return r ? r : 1;
}

int inst_delete(const struct ct_ctx *c, const char *data, const char *id, bool force, struct err *e)
{
	auto_inst i = INST_NONE;
	struct err said = { 0 };
	int r = force ? inst_open_any(c->arena, data, id, &i, e) : inst_open(c->arena, data, id, &i, e);
	int goes = r == -ENOENT ? 0 : r ? r : check_delete(c, &i, e);

	if (goes < 0)
		return goes;
	r = ct_delete(c, id, force, &said);
	/* An instance without a container is what a stopped one is after the host's last boot. */
	if (goes && (!r || r == -ENOENT)) {
		(void)inst_lock(&i); /* who waited for its end writes into its directory */
		return inst_remove(&i, e);
	}
	if (r && e)
		*e = said;
	return r;
}

static const char *made_at(struct arena *a, int dir)
{
	char *text = arena_alloc(a, TEXT_TIME);
	struct stat st;

	if (fstatat(dir, "config.json", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
	text_time(text, &st.st_mtim);
	return text;
}

/* Its state is where it was made to be, whatever --root says now. */
static void describe(const struct ct_ctx *c, const struct inst *i, struct oci_state *out)
{
	static const int64_t none;
	struct ct_ctx there = *c;

	if (!inst_is_of_root(c, i)) {
		there.root = i->spec.kist->state;
		if (ct_state(&there, i->name, out, NULL) == 0 && !strcmp(out->bundle, i->path))
			return;
	}
	*out = (struct oci_state){
		.version = "1.3.0", .id = i->name, .status = "stopped", .pid = &none, .bundle = i->path, .owner = "root",
		.created = made_at(i->a, i->dir), .annotations = i->spec.annotations,
	};
}

/* What the instance knows of a container that is its own. */
static void complete(const struct inst *i, struct oci_state *out)
{
	struct inst_end end;

	out->image = i->spec.kist ? i->spec.kist->image : NULL;
	if (strcmp(out->status, "stopped"))
		return;
	inst_end_read(i, &end);
	out->exit_code = end.code;
	out->finished = end.finished;
}

int inst_state(const struct ct_ctx *c, const char *data, const char *id, struct oci_state *out, struct err *e)
{
	auto_inst i = INST_NONE;
	struct err said = { 0 };
	int r = ct_state(c, id, out, &said), found = r && r != -ENOENT ? r : inst_open(c->arena, data, id, &i, NULL);

	if (r && !found)
		describe(c, &i, out);
	if (!found && (r || !strcmp(out->bundle, i.path)))
		complete(&i, out);
	if (r && found && e)
		*e = said;
	return r && found ? r : 0;
}

static struct oci_state *find(ct_states *l, const struct inst *i)
{
	for (size_t k = 0; k < l->len; k++)
		if (!strcmp(l->at[k].id, i->name) && !strcmp(l->at[k].bundle, i->path))
			return &l->at[k];
	return NULL;
}

static void add(const struct ct_ctx *c, ct_states *l, const struct inst *i)
{
	struct oci_state *s = find(l, i);

	if (!s) {
		struct oci_state *at = arena_array(c->arena, l->len + 1, sizeof(*at));
		size_t k = l->len;

		for (; k && strcmp(l->at[k - 1].id, i->name) > 0; k--)
			;
		if (l->len) {
			memcpy(at, l->at, k * sizeof(*at));
			memcpy(at + k + 1, l->at + k, (l->len - k) * sizeof(*at));
		}
		l->at = at;
		l->len++;
		s = &l->at[k];
		describe(c, i, s);
	}
	complete(i, s);
}

int inst_states(const struct ct_ctx *c, const char *data, ct_states *out, struct err *e)
{
	strings names;
	int r = ct_list(c, out, e);

	if (!r)
		r = inst_list(c->arena, data, &names, e);
	for (size_t k = 0; !r && k < names.len; k++) {
		auto_inst i = INST_NONE;
		struct err said = { 0 };

		/* One that cannot be read must neither hide the others nor be hidden. */
		if (inst_open(c->arena, data, names.at[k], &i, &said) == 0)
			add(c, out, &i);
		else if (said.code)
			log_line(LOG_ERROR, "%s", said.msg);
	}
	return r;
}

static bool was_left(const struct ct_ctx *c, const struct inst *i)
{
	struct oci_state s;
	int r;

	if (!i->spec.kist || !i->spec.kist->remove || !inst_is_of_root(c, i) || inst_is_locked(i))
		return false;
	r = ct_state(c, i->name, &s, NULL);
	return r < 0 ? r == -ENOENT : !strcmp(s.status, "stopped") && !strcmp(s.bundle, i->path);
}

int inst_sweep(const struct ct_ctx *c, const char *data, bool remove, strings *out, struct err *e)
{
	struct strv left = { .arena = c->arena };
	strings names;
	int r = inst_list(c->arena, data, &names, e);

	for (size_t k = 0; !r && k < names.len; k++) {
		auto_inst i = INST_NONE;

		if (inst_open(c->arena, data, names.at[k], &i, NULL) < 0 || !was_left(c, &i))
			continue;
		strv_add(&left, names.at[k]);
		if (remove)
			r = inst_remove_ended(c, &i, e);
	}
	*out = (strings){ left.at, left.len };
	return r;
}
