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
#include "images/repair.h"
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
	return n < 0 ? (int)n : img_feed_digest(&f, out, e);
}

static int check_blobs(struct check *k, struct err *e)
{
	struct strv names = { .arena = k->job->arena };
	int r = img_list_hex(k->job->arena, k->job->blobs, &names, e);

	for (size_t i = 0; !r && i < names.len; i++) {
		img_digest got;
		struct err why = { 0 };
		int code = hash_blob(k->job, names.at[i], got, &why);
		bool remove = k->repair && (code >= 0 || img_is_damage(code));

		k->out->blobs++;
		if (code >= 0 && !strcmp(st_hex(got), names.at[i]))
			continue;
		if (remove)
			r = st_remove_tree(k->job->blobs, names.at[i]);
		find(k, remove && !r ? "removed" : NULL, "blob %s: %s", names.at[i],
		     why.code ? why.msg : "its content has another digest");
	}
	return r < 0 ? err_num(e, r, "remove a damaged blob") : r;
}

static int look_at_layer(struct img_job *j, const char *hex, struct err *why)
{
	struct img_layer_note note = { 0 };
	const char *path = arena_printf(j->arena, "%s/layers/%s/layer.json", j->store->path, hex);
	struct stat st;
	int r = oci_decode_file(j->arena, &img_layer_note_object, path, &note, why);

	if (r < 0)
		return r;
	if (fstatat(j->layers, arena_printf(j->arena, "%s/fs", hex), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(why, "look at layers/%s/fs", hex);
	return oci_is_digest(note.diff_id) && !strcmp(st_hex(note.diff_id), hex) && S_ISDIR(st.st_mode) ? 0 : -EBADMSG;
}

static int check_layers(struct check *k, struct err *e)
{
	struct strv names = { .arena = k->job->arena };
	int r = img_list_hex(k->job->arena, k->job->layers, &names, e);

	for (size_t i = 0; !r && i < names.len; i++) {
		struct err why = { 0 };
		int code = look_at_layer(k->job, names.at[i], &why);
		bool damaged = img_is_damage(code), remove = damaged && k->repair;

		k->out->layers++;
		if (!code)
			continue;
		r = remove ? img_drop_layer(k->job, names.at[i], e) : 0;
		find(k, remove && !r ? "removed" : NULL, "layer %s: %s", names.at[i], damaged ? "is not whole" : why.msg);
	}
	return r;
}

/* What cannot be looked at is not called missing. */
static bool exists(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
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

static int check_image_layer(struct check *k, const struct st_image *i, size_t n, struct err *why)
{
	const char *digest = i->manifest.layers.at[n].digest, *id = i->config.rootfs->diff_ids.at[n];
	int r = 0;

	if (!exists(k->job->blobs, st_hex(digest)))
		return err_set(why, ENOENT, "the blob of its layer %s is missing", digest);
	if (exists(k->job->layers, st_hex(id)))
		return 0;
	if (k->repair)
		r = unpack_again(k->job, i, n, why);
	if (!r)
		find(k, k->repair ? "unpacked again" : NULL, "layer %s: is missing", id);
	return r;
}

static int check_image(struct check *k, const struct oci_descriptor *d, struct err *why)
{
	auto_arena mine = { 0 };
	struct st_image i = { 0 };
	int r = st_load_image(&mine, k->job->store, d, &i, why);

	for (size_t n = 0; !r && n < i.manifest.layers.len; n++)
		r = check_image_layer(k, &i, n, why);
	return r;
}

static const char *name_of(const struct oci_descriptor *d)
{
	const char *name = st_image_name(d);

	return name ? name : d->digest;
}

/* Without the index there are no images to look at: 1, unless it was renewed. */
static int read_index(struct check *k, struct oci_image_index *x, struct err *e)
{
	struct err why = { 0 };
	const char *did = NULL;
	int r = st_read_index(k->job->arena, k->job->store, x, &why);

	if (!r)
		return 0;
	if (k->repair && img_is_damage(r)) {
		r = img_renew_index(k->job, x, &did, e);
		if (r < 0)
			return r;
	}
	find(k, did, "%s", why.msg);
	return did ? 0 : 1;
}

static int check_images(struct check *k, struct err *e)
{
	auto_fd lock = st_lock(k->job->store, "index", k->repair, e);
	struct oci_image_index x;
	size_t kept = 0;
	int r = lock < 0 ? lock : read_index(k, &x, e);

	if (r)
		return r < 0 ? r : 0;
	for (size_t i = 0; i < x.manifests.len; i++) {
		const struct oci_descriptor d = x.manifests.at[i];
		struct err why = { 0 };
		int code = check_image(k, &d, &why);
		bool damaged = img_is_damage(code);

		k->out->images++;
		if (code < 0)
			find(k, k->repair && damaged ? "removed; import it again" : NULL, "image %s: %s", name_of(&d), why.msg);
		if (!damaged)
			x.manifests.at[kept++] = d;
	}
	if (!k->repair || kept == x.manifests.len)
		return 0;
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
