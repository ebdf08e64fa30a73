/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/tidy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "storage/usage.h"
#include "storage/sweep.h"

int img_drop_layer(struct img_job *j, const char *hex, struct err *e)
{
	auto_new junk = ST_NEW_NONE;
	int r = st_new_dir(j->layers, &junk, e);

	if (r < 0)
		return r;
	if (renameat(j->layers, hex, j->layers, junk.name) < 0)
		return err_sys(e, "remove the layer %s", hex);
	r = st_remove_tree(j->layers, junk.name);
	return r < 0 ? err_num(e, r, "remove the layer %s", hex) : 0;
}

static int drop_blob(struct img_job *j, const char *hex, struct err *e)
{
	return unlinkat(j->blobs, hex, 0) < 0 && errno != ENOENT ? err_sys(e, "remove the blob %s", hex) : 0;
}

struct part {
	int dir;
	const struct strv *marks;
	uint64_t *count;
	int (*drop)(struct img_job *, const char *, struct err *);
};

static int tidy_kind(struct img_job *j, const struct part *k, bool dry, struct img_gain *gain, struct err *e)
{
	struct strv names = { .arena = j->arena };
	int r = img_list_hex(j->arena, k->dir, &names, e);

	for (size_t i = 0; !r && i < names.len; i++) {
		if (img_is_marked(k->marks, names.at[i]))
			continue;
		++*k->count;
		r = st_usage(k->dir, names.at[i], &gain->bytes, e);
		if (!r && !dry)
			r = k->drop(j, names.at[i], e);
	}
	return r;
}

/* Who waits for the lock of a layer holds "images" shared, so nobody does. */
static int tidy_locks(struct img_job *j, struct err *e)
{
	auto_fd dir = st_subdir(j->store, "locks", e);
	struct strv names = { .arena = j->arena };
	int r = dir < 0 ? dir : img_list_hex(j->arena, dir, &names, e);

	for (size_t i = 0; !r && i < names.len; i++)
		if (unlinkat(dir, names.at[i], 0) < 0)
			r = err_sys(e, "remove the lock file %s", names.at[i]);
	return r;
}

static int tidy_junk(struct img_job *j, bool dry, struct img_gain *gain, struct err *e)
{
	struct st_junk junk = { 0 };
	int r = st_sweep(j->layers, !dry, &junk, e);

	if (!r)
		r = st_sweep(j->blobs, !dry, &junk, e);
	if (!r)
		r = st_sweep_instances(j->store, !dry, &junk, e);
	gain->junk += junk.count;
	return r;
}

int img_tidy(struct img_job *j, bool dry, struct img_gain *out, struct err *e)
{
	struct oci_image_index x;
	struct img_marks m;
	const struct part kinds[] = {
		{ j->layers, &m.layers, &out->layers, img_drop_layer },
		{ j->blobs, &m.blobs, &out->blobs, drop_blob },
	};
	int r = st_read_index(j->arena, j->store, &x, e);

	memset(out, 0, sizeof(*out));
	if (!r)
		r = img_mark(j, &x, &m, e);
	for (size_t i = 0; !r && i < 2; i++)
		r = tidy_kind(j, &kinds[i], dry, out, e);
	if (!r)
		r = tidy_junk(j, dry, out, e);
	return r < 0 || dry ? r : tidy_locks(j, e);
}

static size_t names_of(const struct oci_image_index *x, const char *digest)
{
	size_t n = 0;

	for (size_t i = 0; i < x->manifests.len; i++)
		n += !strcmp(x->manifests.at[i].digest, digest);
	return n;
}

static int check_unused(struct img_job *j, const struct oci_descriptor *d, struct err *e)
{
	const char *name = st_image_name(d);
	img_users users;
	int r = img_read_users(j->arena, j->store, &users, e);

	for (size_t i = 0; !r && i < users.len; i++)
		if (users.at[i].image && !strcmp(users.at[i].image, d->digest))
			return err_set(e, EBUSY, "the image %s is used by the instance %s; delete that first, or say --force",
				       name ? name : d->digest, users.at[i].name);
	return r;
}

int img_remove_name(struct img_job *j, const char *reference, bool force, struct err *e)
{
	auto_fd lock = st_lock(j->store, "index", true, e);
	const struct oci_descriptor *d;
	struct oci_image_index x, next;
	int r = lock < 0 ? lock : st_read_index(j->arena, j->store, &x, e);

	if (!r)
		r = st_pick(j->arena, &x, reference, &d, e);
	if (!r && !force && names_of(&x, d->digest) == 1)
		r = check_unused(j, d, e);
	if (r < 0)
		return r;
	next = x;
	next.manifests.at = arena_array(j->arena, x.manifests.len, sizeof(*next.manifests.at));
	next.manifests.len = 0;
	for (size_t i = 0; i < x.manifests.len; i++)
		if (&x.manifests.at[i] != d)
			next.manifests.at[next.manifests.len++] = x.manifests.at[i];
	return st_write_index(j->arena, j->store, &next, e);
}
