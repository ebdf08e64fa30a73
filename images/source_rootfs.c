/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plain root filesystem becomes an image of one layer.  The same bytes and options give the same digest. */
#include <errno.h>
#include <string.h>

#include "images/import.h"

int img_import_rootfs(struct img_job *j, const struct img_import *in, struct img_feed *f, enum img_coding coding,
		      img_entries *out, struct err *e)
{
	const struct img_layer_in layer_in = { .fd = f->fd, .size = IMG_ANY, .plain = coding > IMG_ZSTD,
					       .feed = f };
	struct img_entry *now = arena_alloc(j->arena, sizeof(*now));
	struct oci_platform p;
	struct img_layer layer;
	const char *text, *ids[] = { layer.diff_id };
	const struct oci_image_rootfs rootfs = { "layers", { ids, 1 } };
	struct oci_image_history from = { .created_by = "kist image import" };
	struct oci_image_config c = { .config = in->config, .rootfs = &rootfs, .history = { &from, 1 } };
	size_t len;
	int r = img_choose_name(j->arena, in, NULL, &now->name, e);

	if (!r)
		r = img_platform_parse(j->arena, in->platform, &p, e);
	if (!r)
		r = img_add_layer(j, &layer_in, &layer, e);
	if (r < 0)
		return r;
	c.os = p.os;
	c.architecture = p.architecture;
	c.variant = p.variant;
	text = oci_encode_text(j->arena, &oci_image_config_object, &c, JSON_COMPACT, &len);
	r = img_put_image(j, text, len, &layer, 1, &now->manifest, e);
	out->at = now;
	out->len = 1;
	return r;
}
