/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image import and export. */
#include <errno.h>
#include <string.h>

#include "base/sys.h"
#include "cmd/image_work.h"
#include "images/change.h"
#include "images/confine.h"
#include "images/export.h"
#include "images/import.h"

static int labels(struct arena *a, const strings *given, pairs *out, struct err *e)
{
	out->at = arena_array(a, given->len + 1, sizeof(*out->at));
	for (size_t i = 0; i < given->len; i++) {
		char *name = arena_strdup(a, given->at[i]), *value = strchr(name, '=');

		if (!value || value == name)
			return err_set(e, EINVAL, "option --label: \"%s\" is not NAME=VALUE", given->at[i]);
		*value = 0;
		out->at[out->len++] = (struct pair){ name, value + 1 };
	}
	return 0;
}

static int configuration(struct arena *a, const struct image_import_opts *o, const struct oci_image_run **out, struct err *e)
{
	struct oci_image_run *c = arena_alloc(a, sizeof(*c));
	int r = o->cmd ? img_words(a, "option --cmd", o->cmd, &c->cmd, e) : 0;

	if (!r && o->entrypoint)
		r = img_words(a, "option --entrypoint", o->entrypoint, &c->entrypoint, e);
	if (!r)
		r = labels(a, &o->labels, &c->labels, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < o->env.len; i++)
		if (!strchr(o->env.at[i], '=') || *o->env.at[i] == '=')
			return err_set(e, EINVAL, "option --env: \"%s\" is not NAME=VALUE", o->env.at[i]);
	if (o->workdir && *o->workdir != '/')
		return err_set(e, EINVAL, "option --workdir: \"%s\" is not an absolute path", o->workdir);
	c->env = o->env;
	c->workdir = o->workdir;
	c->user = o->user;
	if (o->cmd || o->entrypoint || o->env.len || o->labels.len || o->workdir || o->user)
		*out = c;
	return 0;
}

int image_import(struct call *c, struct err *e)
{
	const struct image_import_opts *o = c->opts;
	struct arena *a = c->ctx.arena;
	struct img_import in = { .source = c->args.at[0], .name = o->name, .platform = o->platform,
				 .kind = (enum img_kind)o->type };
	const struct img_limits limits = img_limits_of(o->max_size);
	struct text said = { .arena = a };
	img_entries done = { NULL, 0 };
	auto_store s = ST_NONE;
	auto_job j = IMG_JOB_NONE;
	int r = configuration(a, o, &in.config, e);

	if (!r && !sys_is_all_root())
		r = err_set(e, EPERM, "kist image import needs root: layers keep the owners of their files");
	if (!r)
		r = st_open(a, c->data, true, &s, e);
	if (!r)
		r = img_job_begin(&j, a, &s, IMG_SHARED, e);
	if (!r)
		r = img_confine(s.dir, e);
	if (r < 0)
		return r;
	j.limits = &limits;
	r = img_import(&j, &in, &done, e);
	for (size_t i = 0; !r && i < done.len; i++)
		text_add(&said, "%s %s\n", done.at[i].name, done.at[i].manifest.digest);
	return r < 0 ? r : verb_print(text_str(&said), e);
}

int image_export(struct call *c, struct err *e)
{
	const struct image_export_opts *o = c->opts;
	struct arena *a = c->ctx.arena;
	struct st_image i = { 0 };
	struct img_progress bar;
	auto_store s = ST_NONE;
	auto_job j = IMG_JOB_NONE;
	int r = st_open(a, c->data, false, &s, e);

	if (!r)
		r = img_job_begin(&j, a, &s, IMG_SHARED, e);
	if (!r)
		r = st_find_image(a, &s, c->args.at[0], &i, e);
	if (r < 0)
		return r;
	img_progress_begin(&bar, c->args.at[0], 0);
	j.progress = &bar;
	r = img_export(&j, &i, o->type ? (enum img_kind)o->type : IMG_OCI_ARCHIVE, o->output, e);
	img_progress_end(&bar);
	return r;
}
