/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/verify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "images/layer.h"
#include "storage/sweep.h"

struct check {
	struct img_job *job;
	struct img_findings *out;
	bool repair;
};

/* One line; what was done about it, when something was. */
static PRINTF_LIKE(3, 4) void find(struct check *k, const char *done, const char *fmt, ...)
{
	char said[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	k->out->found++;
	k->out->repaired += done != NULL;
	text_add(&k->out->text, "%s%s%s\n", said, done ? ": " : "", done ? done : "");
}

static int hash_blob(struct img_job *j, const char *hex, img_digest out, struct err *e)
{
	auto_fd fd = fd_open(j->blobs, hex, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	auto_arena a = { 0 };
	auto_feed f = { 0 };
	const void *data;
	ssize_t n;
	int r;

	if (fd < 0)
		return err_num(e, fd, "open the blob %s", hex);
	r = img_feed_begin(&f, &a, fd, e);
	if (r < 0)
		return r;
	f.progress = j->progress;
	while ((n = img_feed_next(&f, &data, e)) > 0)
		;
	return n < 0 ? (int)n : img_hash_end(&f.hash, out, e);
}

static int check_blobs(struct check *k, struct err *e)
{
	struct strv names = { .arena = k->job->arena };
	int r = img_list_hex(k->job->arena, k->job->blobs, &names, e);

	for (size_t i = 0; !r && i < names.len; i++) {
		img_digest got;
		struct err why = { 0 };
		bool bad = hash_blob(k->job, names.at[i], got, &why) < 0 || strcmp(st_hex(got), names.at[i]) != 0;

		k->out->blobs++;
		if (bad && k->repair)
			r = st_remove_tree(k->job->blobs, names.at[i]);
		if (bad)
			find(k, k->repair && !r ? "removed" : NULL, "blob %s: %s", names.at[i],
			     why.code ? why.msg : "its content has another digest");
	}
	return r < 0 ? err_num(e, r, "remove a damaged blob") : r;
}

static bool layer_is_whole(struct img_job *j, const char *hex)
{
	struct img_layer_note note = { 0 };
	const char *path = arena_printf(j->arena, "%s/layers/%s/layer.json", j->store->path, hex);
	struct stat st;

	return oci_decode_file(j->arena, &img_layer_note_object, path, &note, NULL) == 0 && oci_is_digest(note.diff_id) &&
	       !strcmp(st_hex(note.diff_id), hex) &&
	       fstatat(j->layers, arena_printf(j->arena, "%s/fs", hex), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int check_layers(struct check *k, struct err *e)
{
	struct strv names = { .arena = k->job->arena };
	int r = img_list_hex(k->job->arena, k->job->layers, &names, e);

	for (size_t i = 0; !r && i < names.len; i++) {
		k->out->layers++;
		if (layer_is_whole(k->job, names.at[i]))
			continue;
		r = k->repair ? img_drop_layer(k->job, names.at[i], e) : 0;
		find(k, k->repair && !r ? "removed" : NULL, "layer %s: is not whole", names.at[i]);
	}
	return r;
}

static bool exists(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int unpack_again(struct img_job *j, const struct st_image *i, size_t n, struct err *e)
{
	const struct oci_descriptor *d = &i->manifest.layers.at[n];
	const strings *ids = &i->config.rootfs->diff_ids;
	auto_fd fd = fd_open(j->blobs, st_hex(d->digest), O_RDONLY | O_NOFOLLOW);
	const struct img_layer_in in = { .fd = fd, .what = d->digest, .digest = d->digest, .diff_id = ids->at[n], .size = d->size,
					 .below = img_layers_below(j, ids, n), .kept = true };
	struct img_layer out;

	return fd < 0 ? err_num(e, fd, "open the blob of %s", d->digest) : img_add_layer(j, &in, &out, e);
}

/* What an image lacks; empty when it is whole. */
static void check_image(struct check *k, const struct oci_descriptor *d, struct text *lacks)
{
	struct img_job *j = k->job;
	struct st_image i = { 0 };
	struct err why = { 0 };

	if (st_load_image(j->arena, j->store, d, &i, &why) < 0) {
		text_add(lacks, "%s", why.msg);
		return;
	}
	for (size_t n = 0; n < i.manifest.layers.len && !lacks->len; n++) {
		const struct oci_descriptor *l = &i.manifest.layers.at[n];
		const char *id = i.config.rootfs->diff_ids.at[n];
		bool blob = exists(j->blobs, st_hex(l->digest)), layer = exists(j->layers, st_hex(id));

		if (!blob)
			text_add(lacks, "the blob of its layer %s is missing", l->digest);
		else if (!layer && !k->repair)
			find(k, NULL, "layer %s: is missing", id);
		else if (!layer && unpack_again(j, &i, n, &why) < 0)
			text_add(lacks, "%s", why.msg);
		else if (!layer)
			find(k, "unpacked again", "layer %s: is missing", id);
	}
}

static const char *name_of(const struct oci_descriptor *d)
{
	const char *name = st_image_name(d);

	return name ? name : d->digest;
}

static int check_images(struct check *k, struct err *e)
{
	auto_fd lock = st_lock(k->job->store, "index", true, e);
	struct oci_image_index x;
	struct err why = { 0 };
	size_t kept = 0;
	int r = lock < 0 ? lock : 0;

	if (!r && st_read_index(k->job->arena, k->job->store, &x, &why) < 0) {
		find(k, k->repair ? "started anew, without names" : NULL, "%s", why.msg);
		memset(&x, 0, sizeof(x));
		x.schema = 2;
		return k->repair ? st_write_index(k->job->arena, k->job->store, &x, e) : 0;
	}
	for (size_t i = 0; !r && i < x.manifests.len; i++) {
		const struct oci_descriptor d = x.manifests.at[i];
		struct text lacks = { .arena = k->job->arena };

		k->out->images++;
		check_image(k, &d, &lacks);
		if (lacks.len)
			find(k, k->repair ? "removed; import it again" : NULL, "image %s: %s", name_of(&d), lacks.at);
		else
			x.manifests.at[kept++] = d;
	}
	if (r < 0 || !k->repair || kept == x.manifests.len)
		return r;
	x.manifests.len = kept;
	return st_write_index(k->job->arena, k->job->store, &x, e);
}

static void check_users(struct check *k)
{
	struct err why = { 0 };
	img_users users;

	if (img_read_users(k->job->arena, k->job->store, &users, &why) < 0) {
		find(k, NULL, "%s", why.msg);
		return;
	}
	for (size_t i = 0; i < users.len; i++)
		for (size_t n = 0; n < users.at[i].lower.len; n++) {
			const char *hex = img_layer_hex(k->job->arena, users.at[i].lower.at[n]);

			if (hex && !exists(k->job->layers, hex))
				find(k, NULL, "instance %s: its layer %s is missing; import its image again", users.at[i].name, hex);
		}
}

static int check_junk(struct check *k, struct err *e)
{
	struct st_junk junk = { 0 };
	int r = st_sweep(k->job->layers, k->repair, &junk, e);

	if (!r)
		r = st_sweep(k->job->blobs, k->repair, &junk, e);
	if (!r)
		r = st_sweep_instances(k->job->store, k->repair, &junk, e);
	if (!r && junk.count)
		find(k, k->repair && !junk.failed ? "removed" : NULL, "%llu leftovers of interrupted commands",
		     (unsigned long long)junk.count);
	return r;
}

int img_verify(struct img_job *j, bool repair, struct img_findings *out, struct err *e)
{
	struct check k = { j, out, repair };
	int r;

	*out = (struct img_findings){ .text = { .arena = j->arena } };
	r = check_junk(&k, e);
	if (!r)
		r = check_blobs(&k, e);
	if (!r)
		r = check_layers(&k, e);
	if (!r)
		r = check_images(&k, e);
	if (!r)
		check_users(&k);
	return r;
}
