/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/commit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "base/text.h"
#include "images/change.h"
#include "images/pack.h"
#include "oci/document.h"

/* The layer is packed as it is read, and so hashed, kept and unpacked in one go, as one that is imported. */
static int add_layer(struct img_job *j, const struct img_commit *c, struct img_layer *out, struct err *e)
{
	auto_packer p = IMG_PACKER_NONE;
	struct img_layer_in in = { .what = arena_printf(j->arena, "what %s has written", c->from), .size = IMG_ANY };
	int r;

	p.omit = c->omit;
	r = img_packer_start(&p, c->upper, IMG_PACK_LAYER, e);
	if (r < 0)
		return r;
	in.fd = p.from;
	r = img_packer_finish(&p, img_add_layer(j, &in, out, e), e);
	return r < 0 ? r : c->was_read(c->data, e);
}

static struct img_layer *layers_of(struct img_job *j, const struct oci_image_manifest *m)
{
	struct img_layer *at = arena_array(j->arena, m->layers.len + 1, sizeof(*at));

	for (size_t i = 0; i < m->layers.len; i++) {
		memcpy(at[i].digest, m->layers.at[i].digest, sizeof(img_digest));
		at[i].size = m->layers.at[i].size;
		at[i].media = oci_media_of(m->layers.at[i].media_type);
	}
	return at;
}

static const char *now(struct arena *a)
{
	char *text = arena_alloc(a, TEXT_TIME);
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	text_time(text, &t);
	return text;
}

/* The base's configuration with one diff_id and one line of history more. */
static struct oci_image_config grown(struct arena *a, const struct oci_image_config *base, const struct img_commit *c,
				     const struct oci_image_run *run, const char *diff_id)
{
	struct oci_image_config g = *base;
	struct oci_image_rootfs *rootfs = arena_alloc(a, sizeof(*rootfs));
	const char **ids = arena_array(a, base->rootfs->diff_ids.len + 1, sizeof(*ids));
	struct oci_image_history *history = arena_array(a, base->history.len + 1, sizeof(*history));

	for (size_t i = 0; i < base->rootfs->diff_ids.len; i++)
		ids[i] = base->rootfs->diff_ids.at[i];
	ids[base->rootfs->diff_ids.len] = diff_id;
	for (size_t i = 0; i < base->history.len; i++)
		history[i] = base->history.at[i];
	g.created = now(a);
	history[base->history.len] = (struct oci_image_history){ .created = g.created, .created_by = "kist commit", .author = c->author,
								 .comment = c->message };
	*rootfs = (struct oci_image_rootfs){ base->rootfs->type, { ids, base->rootfs->diff_ids.len + 1 } };
	g.author = c->author ? c->author : base->author;
	g.config = run;
	g.rootfs = rootfs;
	g.history.at = history;
	g.history.len = base->history.len + 1;
	return g;
}

static int read_base(struct img_job *j, const struct img_commit *c, struct st_image *base, struct oci_image_run *run, struct err *e)
{
	const struct oci_descriptor d = { .digest = c->base };
	int r = st_load_image(j->arena, j->store, &d, base, e);

	if (r < 0)
		return err_in(e, r, "the image of %s", c->from);
	if (base->manifest.layers.len >= OCI_MAX_LAYERS)
		return err_set(e, E2BIG, "the image of %s has %d layers already, and Linux puts no more together; kist export and "
					 "kist image import make one of all", c->from, OCI_MAX_LAYERS);
	if (base->config.config)
		*run = *base->config.config;
	for (size_t i = 0; !r && i < c->changes.len; i++)
		r = img_change(j->arena, c->changes.at[i], run, e);
	return r;
}

/* As it was, for what kist has no use for and others have: a health check, a shell, what builders note. */
static int read_config(struct img_job *j, const char *digest, struct json **out, struct err *e)
{
	const char *path = st_blob_path(j->arena, digest);
	char *text;
	size_t len;
	int r = file_read(j->arena, j->store->dir, path, OCI_CONFIG_BYTES, &text, &len);

	return r < 0 ? err_num(e, r, "read %s/%s", j->store->path, path) : oci_tree(j->arena, path, text, len, out, e);
}

int img_commit(struct img_job *j, const struct img_commit *c, struct img_entry *out, struct err *e)
{
	struct oci_image_run run = { 0 };
	struct oci_image_config config;
	struct img_layer *layers;
	struct st_image base;
	img_entries entries = { out, 1 };
	struct json *was;
	struct json_out *w;
	const char *text;
	size_t len, n;
	int r = read_base(j, c, &base, &run, e);

	if (!r)
		r = read_config(j, base.manifest.config->digest, &was, e);
	if (r < 0)
		return r;
	n = base.manifest.layers.len;
	layers = layers_of(j, &base.manifest);
	r = add_layer(j, c, &layers[n], e);
	if (r < 0)
		return r;
	config = grown(j->arena, &base.config, c, &run, layers[n].diff_id);
	w = json_out_new(j->arena, JSON_COMPACT);
	oci_encode_over(&oci_image_config_object, &config, was, w);
	text = json_out_text(w, &len);
	*out = (struct img_entry){ .name = c->name };
	r = img_put_image(j, text, len, layers, n + 1, &out->manifest, e);
	if (!r)
		r = img_sync(j, e);
	return r < 0 ? r : img_name_entries(j, &entries, e);
}
