/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An archive as `docker save` and podman write it: manifest.json names a configuration and layers. */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "images/import.h"
#include "oci/document.h"

#define LIST "manifest.json"

static int add_layers(struct img_job *j, const struct img_members *m, const struct oci_docker_save *s,
		      const struct oci_image_config *c, struct img_layer *out, struct err *e)
{
	for (size_t i = 0; i < s->layers.len; i++) {
		struct img_layer_in in = { .what = arena_printf(j->arena, "layer %s", s->layers.at[i]),
					   .diff_id = c->rootfs->diff_ids.at[i],
					   .size = IMG_ANY,
					   .below = img_layers_below(j, &c->rootfs->diff_ids, i),
					   .file_dir = m->dir };
		auto_fd fd = img_member_open(m, s->layers.at[i], &in.file, e);
		int r = fd;

		in.fd = fd;
		if (fd >= 0)
			r = img_add_layer(j, &in, &out[i], e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_image(struct img_job *j, const struct img_members *m, const struct oci_docker_save *s,
		     struct oci_descriptor *out, struct err *e)
{
	struct oci_image_config c = { 0 };
	struct img_layer *layers;
	char *text;
	size_t len;
	int r = img_member_read(j->arena, m, s->config, OCI_CONFIG_BYTES, &text, &len, e);

	if (!r)
		r = oci_decode_text(j->arena, &oci_image_config_object, s->config, text, len, &c, e);
	if (!r && s->layers.len != c.rootfs->diff_ids.len)
		r = err_set(e, EINVAL, LIST " has %zu layers and %s %zu diff_ids", s->layers.len, s->config,
			    c.rootfs->diff_ids.len);
	if (r < 0)
		return r;
	layers = arena_array(j->arena, s->layers.len + 1, sizeof(*layers));
	r = add_layers(j, m, s, &c, layers, e);
	return r < 0 ? r : img_put_image(j, text, len, layers, s->layers.len, out, e);
}

/* Names that cannot be are an error before there is anything to be named. */
static int add_names(struct img_job *j, const struct img_import *in, const struct oci_docker_save *s, img_entries *out,
		     struct err *e)
{
	size_t n = s->tags.len && !in->name ? s->tags.len : 1;

	if (n > OCI_MAX_MANIFESTS - out->len)
		return err_set(e, E2BIG, LIST " names more than %d images", OCI_MAX_MANIFESTS);
	for (size_t i = 0; i < n; i++) {
		struct img_entry *now;
		int r;

		out->at = arena_grow(j->arena, out->at, out->len, sizeof(*out->at));
		now = &out->at[out->len];
		r = img_choose_name(j->arena, in, s->tags.len ? s->tags.at[i] : NULL, &now->name, e);
		if (r < 0)
			return r;
		out->len++;
	}
	return 0;
}

int img_import_docker(struct img_job *j, const struct img_import *in, const struct img_members *m, img_entries *out,
		      struct err *e)
{
	struct oci_platform host;
	struct json *v;
	char *text;
	size_t len, i = 0;
	int r = img_platform_parse(j->arena, in->platform, &host, e);

	if (!r)
		r = img_member_read(j->arena, m, LIST, OCI_INDEX_BYTES, &text, &len, e);
	if (!r)
		r = oci_tree(j->arena, LIST, text, len, &v, e);
	if (!r && (v->type != JSON_ARRAY || !v->first))
		r = err_set(e, EINVAL, LIST ": expected a list with an image");
	for (const struct json *c = r ? NULL : v->first; c && !r; c = c->next, i++) {
		struct oci_docker_save s = { 0 };
		struct oci_descriptor d = { 0 };
		auto_arena mine = { 0 };
		struct img_job own = *j;
		size_t named = out->len;

		own.arena = &mine;
		r = oci_decode(&mine, &oci_docker_save_object, c, &s, e);
		if (r < 0)
			return err_path(e, r, LIST "[%zu]", i);
		r = add_names(j, in, &s, out, e);
		if (!r)
			r = add_image(&own, m, &s, &d, e);
		if (r < 0)
			return r;
		d = img_keep_manifest(j->arena, &d);
		img_platform_warn(&mine, out->at[named].name, d.platform, &host);
		while (named < out->len)
			out->at[named++].manifest = d;
	}
	return r;
}
