/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/volume.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "cmd/format.h"
#include "cmd/image.h"
#include "instances/instance.h"
#include "storage/volume.h"

/* What is shown of one volume. */
struct shown {
	const char *name, *created, *path;
	pairs labels;
	strings used_by;
};
#define S struct shown
static const struct field shown_fields[] = {
	F_STR(S, name, "name", 0), F_STR(S, created, "created", 0),  F_STR(S, path, "path", 0),
	F_MAP(S, labels, "labels"), F_STRS(S, used_by, "usedBy", 0),
};
static const struct object shown_object = OBJECT(S, shown_fields, NULL);
#undef S
typedef LIST_OF(struct shown) shown_list;

static int open_store(const struct call *c, struct st_store *out, struct err *e)
{
	return st_open(c->ctx.arena, c->data, true, out, e);
}

static strings users(struct arena *a, const inst_uses *uses, const char *volume)
{
	struct strv v = { .arena = a };

	for (size_t i = 0; i < uses->len; i++)
		if (!strcmp(uses->at[i].volume, volume))
			strv_add(&v, uses->at[i].instance);
	return (strings){ v.at, v.len };
}

static struct shown show(const struct call *c, const struct st_store *s, const struct st_volume *v, const inst_uses *uses)
{
	struct arena *a = c->ctx.arena;

	return (struct shown){ v->name, v->created, st_volume_path(a, s, v->name), v->labels, users(a, uses, v->name) };
}

static int read_all(const struct call *c, const struct st_store *s, shown_list *out, struct err *e)
{
	inst_uses uses;
	st_volumes l;
	int r = st_volume_list(c->ctx.arena, s, &l, e);

	if (!r)
		r = inst_volume_uses(c->ctx.arena, c->data, &uses, e);
	if (r)
		return r;
	out->at = arena_array(c->ctx.arena, l.len, sizeof(*out->at));
	for (out->len = 0; out->len < l.len; out->len++)
		out->at[out->len] = show(c, s, &l.at[out->len], &uses);
	return 0;
}

/* --- create */

struct create_volume {
	strings labels;
};

static const struct opt create_rows[] = {
	O_LIST(struct create_volume, labels, 'l', "label", "KEY=VALUE", "a note for people and programs (any number of times)"),
};

static int create(struct call *c, struct err *e)
{
	const struct create_volume *o = c->opts;
	auto_store s = ST_NONE;
	pairs labels;
	int r = inst_pairs(c->ctx.arena, "label", &o->labels, &labels, e);

	if (!r)
		r = open_store(c, &s, e);
	return r ? r : st_volume_make(c->ctx.arena, &s, c->args.at[0], &labels, e);
}

static const struct verb verb_create_volume = {
	.name = "create",
	.group = "volume",
	.summary = "make an empty volume",
	.detail = "\"kist run --volume NAME:PATH\" makes a volume as well, and fills it with what the image has at PATH; one "
		  "that was made before is filled in the same way while it is empty.",
	.operands = { { "NAME", COMPLETE_NONE } },
	.examples = { { "kist volume create --label of=dns dns-data", "Make it." } },
	OPTS(struct create_volume, create_rows),
	.run = create,
};

/* --- list and inspect */

struct list_volumes {
	int format;
	bool quiet;
};

static const struct opt list_rows[] = {
	O_WORD(struct list_volumes, format, 'f', "format", "FORMAT", format_words, "what to print"),
	O_FLAG(struct list_volumes, quiet, 'q', "quiet", "print the names alone"),
};

static const char *as_table(struct arena *a, const shown_list *l)
{
	struct table t = { .arena = a, .columns = 3 };

	table_add(&t, (const char *[]){ "NAME", "CREATED", "USED BY" });
	for (size_t i = 0; i < l->len; i++) {
		struct text by = { .arena = a };

		for (size_t k = 0; k < l->at[i].used_by.len; k++)
			text_add(&by, "%s%s", k ? ", " : "", l->at[i].used_by.at[k]);
		table_add(&t, (const char *[]){ l->at[i].name, l->at[i].created, by.len ? text_str(&by) : "-" });
	}
	return table_text(&t);
}

static const char *as_json(struct arena *a, const shown_list *l)
{
	struct json_out *w = json_out_new(a, JSON_PRETTY);

	json_out_open(w, JSON_ARRAY);
	for (size_t i = 0; i < l->len; i++)
		oci_encode(&shown_object, &l->at[i], w);
	json_out_close(w, JSON_ARRAY);
	return json_out_text(w, NULL);
}

static const char *as_names(struct arena *a, const shown_list *l)
{
	struct text t = { .arena = a };

	for (size_t i = 0; i < l->len; i++)
		text_add(&t, "%s\n", l->at[i].name);
	return text_str(&t);
}

static int list(struct call *c, struct err *e)
{
	const struct list_volumes *o = c->opts;
	struct arena *a = c->ctx.arena;
	auto_store s = ST_NONE;
	shown_list l = { 0 };
	int r = open_store(c, &s, e);

	if (!r)
		r = read_all(c, &s, &l, e);
	if (r)
		return r;
	return verb_print(o->quiet ? as_names(a, &l) : o->format == FORMAT_JSON ? as_json(a, &l) : as_table(a, &l), e);
}

static const struct verb verb_list_volumes = {
	.name = "list",
	.group = "volume",
	.summary = "list volumes, and the instances that use them",
	.examples = { { "kist volume list", "A table." }, { "kist volume list --format json", "For programs." } },
	OPTS(struct list_volumes, list_rows),
	.run = list,
};

static int inspect(struct call *c, struct err *e)
{
	struct arena *a = c->ctx.arena;
	auto_store s = ST_NONE;
	struct st_volume v;
	struct shown shown;
	inst_uses uses;
	int r = open_store(c, &s, e);

	if (!r)
		r = st_volume_read(a, &s, c->args.at[0], &v, e);
	if (!r)
		r = inst_volume_uses(a, c->data, &uses, e);
	if (r)
		return r;
	shown = show(c, &s, &v, &uses);
	return verb_print(oci_encode_text(a, &shown_object, &shown, JSON_PRETTY, NULL), e);
}

static const struct verb verb_inspect_volume = {
	.name = "inspect",
	.group = "volume",
	.summary = "print what is known of a volume as JSON",
	.detail = "Its \"path\" is the directory on the host that holds its files, with the owners that instances see.",
	.operands = { { "VOLUME", COMPLETE_VOLUME } },
	.examples = { { "kist volume inspect dns-data", "Print it." } },
	.run = inspect,
};

/* --- remove and prune */

static int remove_one(const struct call *c, const struct st_store *s, const char *name, const inst_uses *uses, struct err *e)
{
	strings by = users(c->ctx.arena, uses, name);

	if (by.len)
		return err_set(e, EBUSY, "volume %s is used by instance %s%s; delete that first", name, by.at[0],
			       by.len > 1 ? " and others" : "");
	return st_volume_remove(c->ctx.arena, s, name, e);
}

int volume_hold(const struct call *c, struct st_store *s, inst_uses *uses, struct err *e)
{
	int lock, r = open_store(c, s, e);

	if (r)
		return r;
	lock = st_lock(s, INST_VOLUMES_LOCK, true, e);
	if (lock < 0)
		return lock;
	r = inst_volume_uses(c->ctx.arena, c->data, uses, e);
	if (r < 0)
		fd_done(&lock);
	return r < 0 ? r : lock;
}

static int remove_volumes(struct call *c, struct err *e)
{
	auto_store s = ST_NONE;
	inst_uses uses;
	auto_fd lock = volume_hold(c, &s, &uses, e);
	int failed = 0, r = lock < 0 ? lock : 0;

	for (int i = 0; r >= 0 && i < c->args.n; i++) {
		struct err said = { 0 };

		failed = verb_next(failed, remove_one(c, &s, c->args.at[i], &uses, &said), &said, e);
	}
	return r < 0 ? r : failed;
}

static const struct verb verb_remove_volume = {
	.name = "remove",
	.group = "volume",
	.summary = "remove volumes that no instance uses, with their files",
	.operands = { { "VOLUME...", COMPLETE_VOLUME } },
	.examples = { { "kist volume remove dns-data", "Remove it." } },
	.run = remove_volumes,
};

struct prune_volumes {
	bool force;
};

static const struct opt prune_rows[] = {
	O_FLAG(struct prune_volumes, force, 'f', "force", "remove them; else they are only named"),
};

static int prune(struct call *c, struct err *e)
{
	const struct prune_volumes *o = c->opts;
	auto_store s = ST_NONE;
	inst_uses uses;
	auto_fd lock = volume_hold(c, &s, &uses, e);
	shown_list l = { 0 };
	int r = lock < 0 ? lock : read_all(c, &s, &l, e);

	for (size_t i = 0; i < l.len && !r; i++) {
		if (l.at[i].used_by.len)
			continue;
		if (o->force)
			r = remove_one(c, &s, l.at[i].name, &uses, e);
		if (!r)
			r = verb_print(arena_printf(c->ctx.arena, "%s\n", l.at[i].name), e);
	}
	return r;
}

static const struct verb verb_prune_volumes = {
	.name = "prune",
	.group = "volume",
	.summary = "name the volumes that no instance uses, or remove them",
	.examples = { { "kist volume prune", "Which would be removed?" }, { "kist volume prune --force", "Remove them." } },
	OPTS(struct prune_volumes, prune_rows),
	.run = prune,
};

/* --- export and import, by kist-image */

static const struct opt export_rows[] = {
	O_STR(struct export_volume, output, 'o', "output", "FILE", COMPLETE_FILE, "write to FILE instead of standard output"),
};

const struct verb verb_export_volume = {
	.name = "export",
	.group = "volume",
	.summary = "write a volume as a tar archive",
	.detail = "With the owners that instances see. What an instance writes meanwhile may be in it or not.",
	.operands = { { "VOLUME", COMPLETE_VOLUME } },
	.examples = { { "kist volume export dns-data | zstd > dns-data.tar.zst", "Keep it elsewhere." } },
	OPTS(struct export_volume, export_rows),
	.run = image_run,
};

static const struct opt import_rows[] = {
	O_SIZE(struct import_volume, max_size, "max-size", "refuse an archive that is larger than this when unpacked (default: 64 GiB)"),
};

const struct verb verb_import_volume = {
	.name = "import",
	.group = "volume",
	.summary = "make a volume of a tar archive",
	.detail = "FILE, or standard input when it is \"-\", is a tar archive, also as gzip, zstd, xz or bzip2. The volume is "
		  "new or empty; all of the archive comes in or nothing.",
	.operands = { { "VOLUME", COMPLETE_VOLUME }, { "FILE", COMPLETE_FILE } },
	.examples = { { "kist volume import dns-data dns-data.tar.zst", "Bring it back." } },
	OPTS(struct import_volume, import_rows),
	.run = image_run,
};

const struct verb verb_volume = {
	.name = "volume",
	.summary = "volumes: files that outlive instances",
	.detail = "A volume is a directory that \"kist run --volume NAME:PATH\" shows in an instance. Its files keep the owners "
		  "that the instances see, whatever range of ids each instance has.",
	.operands = GROUP_OPERANDS,
	.examples = { { "kist volume list", "All of them, and who uses them." },
		      { "kist run -v dns-data:/var/lib/misc dns:1", "Use one; it is made if there is none." } },
	.subs = (const struct verb *const[]){ &verb_create_volume, &verb_list_volumes, &verb_inspect_volume, &verb_remove_volume,
					      &verb_prune_volumes, &verb_export_volume,
					      &verb_import_volume, NULL },
};
