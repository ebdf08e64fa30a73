/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An OCI image layout.  Every document is checked against its digest before it is parsed. */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"
#include "images/import.h"
#include "storage/reference.h"

enum { NESTED_INDEXES = 3 };
#define CONTAINERD_NAME "io.containerd.image.name"

typedef LIST_OF(struct oci_descriptor) descriptors;

/* Reads the blob of a descriptor whole, after its size and digest have been found right. */
static int read_blob(struct img_job *j, const struct img_members *m, const struct oci_descriptor *d, size_t max, char **out,
		     struct err *e)
{
	const char *name = arena_printf(j->arena, "blobs/sha256/%s", st_hex(d->digest));
	img_digest got;
	size_t len;
	int r = d->size > max ? err_set(e, EFBIG, "%s: larger than %zu MiB, the most it may be", d->digest, max >> 20) : 0;

	if (!r)
		r = img_member_read(j->arena, m, name, max, out, &len, e);
	if (!r)
		r = img_hash_text(*out, len, got, e);
	if (r < 0)
		return r;
	if (len != d->size || strcmp(got, d->digest) != 0)
		return err_set(e, EBADMSG, "%s: its content is not what its digest and size say", d->digest);
	return 0;
}

static int read_document(struct img_job *j, const struct img_members *m, const struct oci_descriptor *d,
			 const struct object *o, void *out, struct err *e)
{
	size_t max = o == &oci_image_config_object ? OCI_CONFIG_BYTES : OCI_INDEX_BYTES;
	char *text;
	int r = read_blob(j, m, d, max, &text, e);

	return r < 0 ? r : oci_decode_text(j->arena, o, d->digest, text, d->size, out, e);
}

static bool usable(const struct oci_descriptor *d)
{
	enum oci_media m = oci_media_of(d->media_type);

	return m == OCI_MEDIA_INDEX || m == OCI_MEDIA_MANIFEST;
}

static int no_platform(struct arena *a, const descriptors *l, const struct oci_platform *host, struct err *e)
{
	struct text t = { .arena = a };

	for (size_t i = 0; i < l->len && t.len < 300; i++)
		if (usable(&l->at[i]) && l->at[i].platform)
			text_add(&t, "%s%s", t.len ? ", " : "", img_platform_text(a, l->at[i].platform));
	return err_set(e, ENOENT, "there is no image for %s in it, only for %s; choose with --platform",
		       img_platform_text(a, host), *text_str(&t) ? text_str(&t) : "nothing that kist runs");
}

/* The best of them for the platform; among equals the first. */
static const struct oci_descriptor *best_of(const descriptors *l, const struct oci_platform *host)
{
	const struct oci_descriptor *best = NULL;
	int most = 0;

	for (size_t i = 0; i < l->len; i++) {
		int score = usable(&l->at[i]) ? img_platform_score(l->at[i].platform, host) : 0;

		if (score > most) {
			most = score;
			best = &l->at[i];
		}
	}
	return best;
}

static int choose(struct img_job *j, const struct img_members *m, const descriptors *l, const struct oci_platform *host,
		  struct oci_descriptor *out, struct err *e)
{
	descriptors now = *l;

	for (int depth = 0; depth < NESTED_INDEXES; depth++) {
		const struct oci_descriptor *best = best_of(&now, host);
		struct oci_image_index x = { 0 };
		int r;

		if (!best)
			return no_platform(j->arena, &now, host, e);
		if (oci_media_of(best->media_type) == OCI_MEDIA_MANIFEST) {
			*out = *best;
			return 0;
		}
		r = read_document(j, m, best, &oci_image_index_object, &x, e);
		if (r < 0)
			return r;
		now = (descriptors){ x.manifests.at, x.manifests.len };
	}
	return err_set(e, EINVAL, "has more than %d indexes inside each other", NESTED_INDEXES);
}

static int add_layers(struct img_job *j, const struct img_members *m, const struct oci_image_manifest *man,
		      const struct oci_image_config *c, struct err *e)
{
	for (size_t i = 0; i < man->layers.len; i++) {
		const struct oci_descriptor *d = &man->layers.at[i];
		struct img_layer_in in = { .what = arena_printf(j->arena, "layer %s", d->digest),
					   .digest = d->digest,
					   .diff_id = c->rootfs->diff_ids.at[i],
					   .size = d->size,
					   .below = img_layers_below(j, &c->rootfs->diff_ids, i),
					   .file_dir = m->dir };
		struct img_layer out;
		auto_fd fd = img_member_open(m, arena_printf(j->arena, "blobs/sha256/%s", st_hex(d->digest)), &in.file, e);
		int r = fd;

		in.fd = fd;
		if (fd >= 0)
			r = img_add_layer(j, &in, &out, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int keep_documents(struct img_job *j, const struct img_members *m, const struct oci_descriptor *d,
			  const struct oci_descriptor *config, struct err *e)
{
	const struct oci_descriptor *both[] = { config, d };
	img_digest digest;
	char *text;
	int r = 0;

	for (size_t i = 0; !r && i < 2; i++) {
		r = read_blob(j, m, both[i], OCI_CONFIG_BYTES, &text, e);
		if (!r)
			r = img_put_blob(j, text, both[i]->size, digest, e);
	}
	return r;
}

static int add_image(struct img_job *j, const struct img_members *m, const struct oci_descriptor *d, struct oci_descriptor *out,
		     struct err *e)
{
	struct oci_image_manifest man = { 0 };
	struct oci_image_config c = { 0 };
	int r = read_document(j, m, d, &oci_image_manifest_object, &man, e);

	if (!r)
		r = read_document(j, m, man.config, &oci_image_config_object, &c, e);
	if (!r)
		r = oci_image_agree(&man, &c, d->digest, e);
	if (!r)
		r = add_layers(j, m, &man, &c, e);
	if (!r)
		r = keep_documents(j, m, d, man.config, e);
	if (r < 0)
		return r;
	*out = (struct oci_descriptor){ .media_type = d->media_type, .digest = d->digest, .size = d->size,
					.platform = img_platform_copy(j->arena, img_platform_of(&c)) };
	return 0;
}

static const char *mark_of(const struct oci_descriptor *d)
{
	const char *name = oci_pair(&d->annotations, CONTAINERD_NAME);

	return name ? name : oci_pair(&d->annotations, OCI_REF_NAME);
}

static bool same_mark(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Entries of one name are one image for several platforms: takes those of l[from] out of the list. */
static descriptors group(struct img_job *j, struct oci_image_index *x, size_t from)
{
	const char *mark = mark_of(&x->manifests.at[from]);
	descriptors g = { NULL, 0 };

	for (size_t i = from; i < x->manifests.len; i++) {
		struct oci_descriptor *d = &x->manifests.at[i];

		if (!d->digest || !same_mark(mark_of(d), mark))
			continue;
		g.at = arena_grow(j->arena, g.at, g.len, sizeof(*g.at));
		g.at[g.len++] = *d;
		d->digest = NULL;
	}
	return g;
}

static const struct img_entry *find_done(const img_entries *l, const char *digest)
{
	for (size_t i = 0; i < l->len; i++)
		if (!strcmp(l->at[i].manifest.digest, digest))
			return &l->at[i];
	return NULL;
}

static int add_group(struct img_job *j, const struct img_import *in, const struct img_members *m, const descriptors *g,
		     img_entries *out, struct err *e)
{
	auto_arena mine = { 0 };
	struct img_job own = *j;
	struct oci_platform host;
	struct oci_descriptor d, made;
	struct img_entry *now = &out->at[out->len];
	const struct img_entry *done = NULL;
	int r = img_platform_parse(&mine, in->platform, &host, e);

	own.arena = &mine;
	if (!r)
		r = choose(&own, m, g, &host, &d, e);
	if (!r)
		r = img_choose_name(j->arena, in, mark_of(&g->at[0]), &now->name, e);
	if (!r)
		done = find_done(out, d.digest); /* an image of many names is looked at once */
	if (!r && !done)
		r = add_image(&own, m, &d, &made, e);
	if (r < 0)
		return r;
	now->manifest = done ? done->manifest : img_keep_manifest(j->arena, &made);
	img_platform_warn(j->arena, now->name, now->manifest.platform, &host);
	out->len++;
	return 0;
}

int img_import_oci(struct img_job *j, const struct img_import *in, const struct img_members *m, img_entries *out, struct err *e)
{
	struct oci_image_index x = { 0 };
	char *text;
	size_t len;
	int r = img_member_read(j->arena, m, "index.json", OCI_INDEX_BYTES, &text, &len, e);

	if (!r)
		r = oci_decode_text(j->arena, &oci_image_index_object, "index.json", text, len, &x, e);
	if (!r && !x.manifests.len)
		r = err_set(e, ENOENT, "its index.json names no image");
	out->at = arena_array(j->arena, x.manifests.len + 1, sizeof(*out->at));
	for (size_t i = 0; !r && i < x.manifests.len; i++) {
		descriptors g = { NULL, 0 };

		if (x.manifests.at[i].digest)
			g = group(j, &x, i);
		if (g.len)
			r = add_group(j, in, m, &g, out, e);
	}
	return r;
}
