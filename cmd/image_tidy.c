/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image remove and prune; system check, df and prune. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "cmd/format.h"
#include "cmd/image_work.h"
#include "images/verify.h"
#include "instances/life.h"
#include "storage/usage.h"
#include "storage/volume.h"

/* 1 when there is no data directory: nothing to do then.  One that was made by hand, or by a kist that was killed, may
 * be without its folders. */
static int begin(struct call *c, enum img_access how, struct st_store *s, struct img_job *j, struct err *e)
{
	int r = faccessat(AT_FDCWD, c->data, F_OK, 0) < 0 && errno == ENOENT ? 1 : st_open(c->ctx.arena, c->data, true, s, e);

	if (r == 1)
		return 1;
	return r < 0 ? r : img_job_begin(j, c->ctx.arena, s, how, e);
}

int image_remove(struct call *c, struct err *e)
{
	const struct image_remove_opts *o = c->opts;
	auto_store s = ST_NONE;
	auto_job j = IMG_JOB_NONE;
	struct img_gain gain;
	int failed = 0, r = st_open(c->ctx.arena, c->data, false, &s, e);

	if (!r)
		r = img_job_begin(&j, c->ctx.arena, &s, IMG_EXCLUSIVE, e);
	if (r < 0)
		return r;
	for (int i = 0; i < c->args.n; i++) {
		struct err said = { 0 };

		failed = verb_next(failed, img_remove_name(&j, c->args.at[i], o->force, &said), &said, e);
	}
	r = img_tidy(&j, false, &gain, failed < 0 ? NULL : e);
	return failed < 0 ? failed : r;
}

/* A line for each instance that a kist which died had been told to remove. */
static int leftovers(const struct call *c, bool remove, strings *names, struct err *e)
{
	struct text t = { .arena = c->ctx.arena };
	int r = inst_sweep(&c->ctx, c->data, remove, names, e);

	for (size_t i = 0; i < names->len; i++)
		text_add(&t, "instance %s: was to be removed at its end%s\n", names->at[i], remove ? ": removed" : "");
	return r ? r : verb_print(text_str(&t), e);
}

int system_prune(struct call *c, struct err *e)
{
	struct img_gain gain = { 0 };
	strings left = { 0 };
	char size[IMG_SIZE_TEXT];
	auto_store s = ST_NONE;
	auto_job j = IMG_JOB_NONE;
	int r = leftovers(c, true, &left, e);

	if (!r)
		r = begin(c, IMG_EXCLUSIVE, &s, &j, e);
	if (!r)
		r = img_tidy(&j, false, &gain, e);
	if (r < 0)
		return r;
	img_size_text(size, gain.bytes);
	return verb_print(arena_printf(c->ctx.arena,
				       "removed %" PRIu64 " blobs, %" PRIu64 " layers and %" PRIu64 " leftovers: %s\n",
				       gain.blobs, gain.layers, gain.junk, size),
			  e);
}

int system_check(struct call *c, struct err *e)
{
	const struct system_check_opts *o = c->opts;
	struct img_findings f = { .text = { .arena = c->ctx.arena } };
	struct img_progress bar;
	auto_store s = ST_NONE;
	auto_job j = IMG_JOB_NONE;
	strings left = { 0 };
	int r = leftovers(c, o->repair, &left, e);

	if (!r)
		r = begin(c, o->repair ? IMG_EXCLUSIVE : IMG_SHARED, &s, &j, e);
	if (!r) {
		img_progress_begin(&bar, "check", 0);
		j.progress = &bar;
		r = img_verify(&j, o->repair, &f, e);
		img_progress_end(&bar);
	}
	f.found += left.len;
	f.repaired += o->repair ? left.len : 0;
	if (r < 0)
		return r;
	r = verb_print(arena_printf(c->ctx.arena, "%s%" PRIu64 " images, %" PRIu64 " layers, %" PRIu64 " blobs: %s\n",
				    text_str(&f.text), f.images, f.layers, f.blobs, f.found ? "looked at" : "all whole"),
		       e);
	if (r < 0 || f.found == f.repaired)
		return r;
	return err_set(e, EUCLEAN, "%" PRIu64 " findings%s", f.found - f.repaired,
		       o->repair ? " could not be repaired" : "; kist system check --repair repairs what can be");
}

struct row {
	const char *what;
	uint64_t count, bytes, unused;
};

#define S struct row
static const struct field row_fields[] = {
	F_STR(S, what, "what", REQUIRED),
	F_U64(S, count, "count", 0),
	F_U64(S, bytes, "bytes", 0),
	F_U64(S, unused, "unused", 0),
};
static const struct object row_object = OBJECT(S, row_fields, NULL);
#undef S

static int measure(const struct st_store *s, const char *folder, struct row *out, struct err *e)
{
	int fd = st_subdir(s, folder, e), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return fd < 0 ? fd : err_sys(e, "list %s", folder);
	for (const struct dirent *n = readdir(d); n && !r; n = readdir(d)) {
		if (n->d_name[0] == '.')
			continue;
		out->count++;
		r = st_usage(dirfd(d), n->d_name, &out->bytes, e);
	}
	closedir(d);
	return r;
}

static const char *as_table(struct arena *a, const struct row *rows, size_t n)
{
	struct table t = { .arena = a, .columns = 4 };
	char size[IMG_SIZE_TEXT];

	table_add(&t, (const char *[]){ "WHAT", "COUNT", "SIZE", "UNUSED" });
	for (size_t i = 0; i < n; i++) {
		img_size_text(size, rows[i].bytes);
		table_add(&t, (const char *[]){ rows[i].what, arena_printf(a, "%" PRIu64, rows[i].count), arena_strdup(a, size),
						arena_printf(a, "%" PRIu64, rows[i].unused) });
	}
	return table_text(&t);
}

/* What an unreadable instance uses is not known: then none counts as unused. */
static int count_unused(const struct call *c, const struct st_store *s, uint64_t *out, struct err *e)
{
	struct arena *a = c->ctx.arena;
	st_volumes volumes;
	inst_uses uses;
	struct err said = { 0 };
	int r = st_volume_list(a, s, &volumes, e);

	if (!r && inst_volume_uses(a, c->data, &uses, &said) < 0) {
		log_warn("%s", said.msg);
		return 0;
	}
	for (size_t i = 0; !r && i < volumes.len; i++) {
		size_t k = 0;

		while (k < uses.len && strcmp(uses.at[k].volume, volumes.at[i].name) != 0)
			k++;
		*out += k == uses.len;
	}
	return r;
}

int system_df(struct call *c, struct err *e)
{
	static const char *const folders[] = { "images/blobs/sha256", "layers", "volumes", "instances" };
	struct row rows[] = { { .what = "blobs" }, { .what = "layers" }, { .what = "volumes" }, { .what = "instances" } };
	const struct system_df_opts *o = c->opts;
	struct img_gain gain = { 0 };
	auto_store s = ST_NONE;
	auto_job j = IMG_JOB_NONE;
	int r = begin(c, IMG_SHARED, &s, &j, e), none = r == 1;

	for (size_t i = 0; i < 4 && !r; i++)
		r = measure(&s, folders[i], &rows[i], e);
	if (!r)
		r = img_tidy(&j, true, &gain, e);
	if (!r)
		r = count_unused(c, &s, &rows[2].unused, e);
	if (r < 0 && !none)
		return r;
	rows[0].unused = gain.blobs;
	rows[1].unused = gain.layers;
	return verb_print(o->format == FORMAT_JSON ? rows_json(c->ctx.arena, &row_object, rows, 4) : as_table(c->ctx.arena, rows, 4), e);
}
