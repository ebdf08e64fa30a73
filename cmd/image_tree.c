/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commit and export, as kist-image does them. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/fd.h"
#include "base/sys.h"
#include "cmd/tree.h"
#include "cmd/image_work.h"
#include "images/commit.h"
#include "images/confine.h"
#include "images/pack.h"
#include "images/sink.h"
#include "instances/hold.h"
#include "instances/names.h"
#include "storage/reference.h"

static int find_name(struct arena *a, const char *text, const char **out, struct err *e)
{
	struct st_reference ref;
	int r = st_reference_parse(a, text, &ref, e);

	if (r < 0)
		return r;
	if (ref.digest)
		return err_set(e, EINVAL, "\"%s\": an image that is new has a name, but no digest yet", text);
	*out = arena_printf(a, "%s:%s", ref.name, ref.tag);
	return 0;
}

static int is_there(void *data, struct err *e)
{
	return inst_hold_check(data, e);
}

/* In a thread, because what is confined could not let the instance go on. */
struct confined {
	struct img_job job;
	struct img_commit commit;
	struct img_entry made;
	int r;
	struct err err;
};

static void *commit_confined(void *data)
{
	struct confined *w = data;

	w->r = img_confine(w->job.store->dir, &w->err);
	if (w->r >= 0)
		w->r = img_commit(&w->job, &w->commit, &w->made, &w->err);
	return NULL;
}

static int commit(struct confined *w, struct err *e)
{
	pthread_t thread;
	int code = pthread_create(&thread, NULL, commit_confined, w);

	if (code)
		return err_num(e, -code, "start a thread");
	pthread_join(thread, NULL);
	return w->r < 0 ? err_set(e, -w->r, "%s", w->err.msg) : 0;
}

/* The store's lock comes before the instance stands still, because that may be a long wait. */
static int begin_commit(struct call *c, struct st_store *s, struct confined *w, struct err *e)
{
	int r = sys_is_all_root() ? 0 : err_set(e, EPERM, "kist commit needs root: layers keep the owners of their files");

	if (!r)
		r = find_name(c->ctx.arena, c->args.at[1], &w->commit.name, e);
	if (!r)
		r = st_open(c->ctx.arena, c->data, false, s, e);
	return r ? r : img_job_begin(&w->job, c->ctx.arena, s, IMG_SHARED, e);
}

static int hold(struct call *c, struct inst_hold *h, struct img_commit *job, struct err *e)
{
	const struct commit_opts *o = c->opts;
	int r = inst_hold(&c->ctx, c->data, c->args.at[0], !o->running, h, e);

	if (r < 0)
		return r;
	job->from = h->i.name;
	job->base = h->i.spec.kist ? h->i.spec.kist->image_digest : NULL;
	if (!job->base || !h->upper)
		return err_set(e, EINVAL, "instance %s is not made of an image; kist export and kist image import make one of its files", h->i.name);
	job->omit = inst_names_places(c->ctx.arena, &h->i.spec);
	job->upper = fd_open(AT_FDCWD, h->tree.at[0], O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	return job->upper < 0 ? err_num(e, job->upper, "open %s", h->tree.at[0]) : 0;
}

int image_commit(struct call *c, struct err *e)
{
	static const struct img_limits any = { INT64_MAX, INT64_MAX, 0 }; /* it has been on this disk already */
	const struct commit_opts *o = c->opts;
	auto_store s = ST_NONE;
	auto_hold h = INST_HOLD_NONE;
	struct confined w = { .job = IMG_JOB_NONE, .commit = { .upper = -1, .message = o->message, .author = o->author,
							       .changes = o->changes, .was_read = is_there, .data = &h } };
	int r = begin_commit(c, &s, &w, e);

	if (!r)
		r = hold(c, &h, &w.commit, e);
	w.job.limits = &any;
	if (!r)
		r = commit(&w, e);
	fd_done(&w.commit.upper);
	img_job_done(&w.job);
	if (!r)
		r = inst_let_go(&h, e);
	return r < 0 ? r : verb_print(arena_printf(c->ctx.arena, "%s %s\n", w.made.name, w.made.manifest.digest), e);
}

static int open_tree(struct arena *a, const struct inst_hold *h, struct st_view *out, struct err *e)
{
	int r;

	for (size_t i = 0; i < h->tree.len; i++)
		if (!strcmp(h->tree.at[i], "/"))
			return err_set(e, EINVAL, "instance %s stands on this host's own tree: its archive would hold the host's secrets",
				       h->i.name);
	r = st_view_open(a, &h->tree, out);
	return r < 0 ? err_num(e, r, "open the root of instance %s", h->i.name) : 0;
}

int instance_export(struct call *c, struct err *e)
{
	const struct export_opts *o = c->opts;
	const char *output = o->output && strcmp(o->output, "-") ? o->output : NULL;
	auto_hold h = INST_HOLD_NONE;
	auto_sink s = IMG_SINK_NONE;
	auto_view v = { 0 };
	strings omit;
	int fd = img_sink_open(&s, c->ctx.arena, output, false, e), r = fd < 0 ? fd : 0;

	s.private = true;
	if (!r)
		r = inst_hold(&c->ctx, c->data, c->args.at[0], !o->running, &h, e);
	if (!r)
		r = open_tree(c->ctx.arena, &h, &v, e);
	if (!r)
		omit = inst_names_places(c->ctx.arena, &h.i.spec);
	if (!r)
		r = img_pack(fd, &v, IMG_PACK_TREE, &omit, e);
	if (!r)
		r = inst_hold_check(&h, e);
	return r < 0 ? r : img_sink_finish(&s, e);
}
