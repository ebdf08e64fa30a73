/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image list, inspect and tag. */
#include <errno.h>

#include "base/fd.h"
#include "cmd/format.h"
#include "cmd/image_work.h"
#include "images/import.h"
#include "images/layer.h"
#include "storage/reference.h"

const char *rows_json(struct arena *a, const struct object *o, const void *rows, size_t n)
{
	struct json_out *w = json_out_new(a, JSON_PRETTY);

	json_out_open(w, JSON_ARRAY);
	for (size_t i = 0; i < n; i++)
		oci_encode(o, (const char *)rows + i * o->size, w);
	json_out_close(w, JSON_ARRAY);
	return json_out_text(w, NULL);
}

struct row {
	const char *name, *digest, *created, *platform;
	uint64_t size, layers;
};

#define S struct row
static const struct field row_fields[] = {
	F_STR(S, name, "name", 0),
	F_STR(S, digest, "digest", REQUIRED),
	F_STR(S, created, "created", 0),
	F_STR(S, platform, "platform", 0),
	F_U64(S, size, "size", 0),
	F_U64(S, layers, "layers", 0),
};
static const struct object row_object = OBJECT(S, row_fields, NULL);
#undef S

/* What its layers have unpacked, by their notes; one that is there twice counts once. */
static int measure(struct arena *a, const struct st_image *i, uint64_t *size, struct err *e)
{
	for (size_t n = 0; n < i->layers.len; n++) {
		struct img_layer_note note = { 0 };
		const char *path = arena_printf(a, "%s/../layer.json", i->layers.at[n]);
		int r = oci_decode_file(a, &img_layer_note_object, path, &note, e);

		if (r < 0)
			return r;
		*size += note.size;
	}
	return 0;
}

static int describe(struct arena *a, const struct st_store *s, const struct oci_descriptor *d, struct row *out, struct err *e)
{
	auto_arena mine = { 0 };
	struct st_image i = { 0 };
	struct row row = { 0 };
	struct oci_platform p;
	int r = st_load_image(&mine, s, d, &i, e);

	if (!r)
		r = measure(&mine, &i, &row.size, e);
	if (r < 0)
		return r;
	p = img_platform_of(&i.config);
	row.name = i.name;
	row.digest = i.digest;
	row.created = i.config.created ? arena_strdup(a, i.config.created) : NULL;
	row.platform = img_platform_text(a, &p);
	row.layers = i.manifest.layers.len;
	*out = row;
	return 0;
}

static const char *as_table(struct arena *a, const struct row *rows, size_t n)
{
	struct table t = { .arena = a, .columns = 5 };
	char size[IMG_SIZE_TEXT];

	table_add(&t, (const char *[]){ "NAME", "DIGEST", "PLATFORM", "LAYERS", "SIZE" });
	for (size_t i = 0; i < n; i++) {
		img_size_text(size, rows[i].size);
		table_add(&t, (const char *[]){ rows[i].name, arena_printf(a, "%.12s", st_hex(rows[i].digest)), rows[i].platform,
						arena_printf(a, "%llu", (unsigned long long)rows[i].layers),
						arena_strdup(a, size) });
	}
	return table_text(&t);
}

static const char *as_names(struct arena *a, const struct row *rows, size_t n)
{
	struct text t = { .arena = a };

	for (size_t i = 0; i < n; i++)
		text_add(&t, "%s\n", rows[i].name ? rows[i].name : rows[i].digest);
	return text_str(&t);
}

/* No data directory is no image. */
static int open_for_reading(struct call *c, struct st_store *s, struct oci_image_index *x, struct err *e)
{
	int r = st_open(c->ctx.arena, c->data, false, s, e);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : st_read_index(c->ctx.arena, s, x, e);
}

int image_list(struct call *c, struct err *e)
{
	const struct image_list_opts *o = c->opts;
	struct arena *a = c->ctx.arena;
	struct oci_image_index x = { 0 };
	auto_store s = ST_NONE;
	struct row *rows;
	size_t n = 0;
	int failed = 0, r = open_for_reading(c, &s, &x, e);

	if (r < 0)
		return r;
	rows = arena_array(a, x.manifests.len + 1, sizeof(*rows));
	for (size_t i = 0; i < x.manifests.len; i++) {
		struct err said = { 0 };

		r = describe(a, &s, &x.manifests.at[i], &rows[n], &said);
		n += !r;
		failed = verb_next(failed, r, &said, e); /* one that cannot be read hides no others */
	}
	r = verb_print(o->quiet ? as_names(a, rows, n)
		       : o->format == FORMAT_JSON ? rows_json(a, &row_object, rows, n) : as_table(a, rows, n),
		       failed < 0 ? NULL : e);
	return failed < 0 ? err_hint(e, failed, "kist system check says what is wrong") : r;
}

#define S struct st_image
static const struct field inspect_fields[] = {
	F_STR(S, name, "name", 0),
	F_STR(S, digest, "digest", REQUIRED),
	{ "manifest", K_OBJ, ONE, REQUIRED, offsetof(S, manifest), &oci_image_manifest_object, 0, 0 },
	{ "config", K_OBJ, ONE, REQUIRED, offsetof(S, config), &oci_image_config_object, 0, 0 },
	F_STRS(S, layers, "layers", 0),
};
static const struct object inspect_object = OBJECT(S, inspect_fields, NULL);
#undef S

int image_inspect(struct call *c, struct err *e)
{
	auto_store s = ST_NONE;
	struct st_image i = { 0 };
	int r = st_open(c->ctx.arena, c->data, false, &s, e);

	if (!r)
		r = st_find_image(c->ctx.arena, &s, c->args.at[0], &i, e);
	return r < 0 ? r : verb_print(oci_encode_text(c->ctx.arena, &inspect_object, &i, JSON_PRETTY, NULL), e);
}

int image_tag(struct call *c, struct err *e)
{
	struct arena *a = c->ctx.arena;
	auto_store s = ST_NONE;
	auto_job j = IMG_JOB_NONE;
	struct img_import in = { .source = "", .name = c->args.at[1] };
	const struct oci_descriptor *d;
	struct oci_image_index x;
	struct img_entry entry;
	img_entries one = { &entry, 1 };
	int r = img_choose_name(a, &in, NULL, &entry.name, e);

	if (!r)
		r = st_open(a, c->data, false, &s, e);
	if (!r)
		r = img_job_begin(&j, a, &s, IMG_SHARED, e);
	if (!r)
		r = st_read_index(a, &s, &x, e);
	if (!r)
		r = st_pick(a, &x, c->args.at[0], &d, e);
	if (r < 0)
		return r;
	entry.manifest = *d;
	return img_name_entries(&j, &one, e);
}
