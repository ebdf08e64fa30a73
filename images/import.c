/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/import.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "images/pack.h"
#include "storage/reference.h"

int img_put_image(struct img_job *j, const char *config, size_t config_len, const struct img_layer *layers, size_t n,
		  struct oci_descriptor *out, struct err *e)
{
	char *digest = arena_alloc(j->arena, sizeof(img_digest));
	struct oci_descriptor cd = { .media_type = oci_media_name(OCI_MEDIA_CONFIG), .digest = digest, .size = config_len };
	struct oci_image_manifest m = { .schema = 2, .media_type = oci_media_name(OCI_MEDIA_MANIFEST), .config = &cd };
	struct oci_image_config c = { 0 };
	int r = oci_decode_text(j->arena, &oci_image_config_object, "configuration", config, config_len, &c, e);

	if (!r)
		r = img_put_blob(j, config, config_len, digest, e);
	if (r < 0)
		return r;
	m.layers.at = arena_array(j->arena, n + 1, sizeof(*m.layers.at));
	m.layers.len = n;
	for (size_t i = 0; i < n; i++)
		m.layers.at[i] = (struct oci_descriptor){ .media_type = oci_media_name(layers[i].media),
							  .digest = layers[i].digest,
							  .size = layers[i].size };
	*out = (struct oci_descriptor){ .media_type = m.media_type, .platform = img_platform_copy(j->arena, img_platform_of(&c)) };
	return img_put_document(j, &oci_image_manifest_object, &m, out, e);
}

struct oci_descriptor img_keep_manifest(struct arena *a, const struct oci_descriptor *d)
{
	return (struct oci_descriptor){ .media_type = arena_strdup(a, d->media_type),
					.digest = arena_strdup(a, d->digest),
					.size = d->size,
					.platform = img_platform_copy(a, *d->platform) };
}

/* "dir/web.tar.gz" suggests "web". */
static const char *stem(struct arena *a, const char *source)
{
	const char *end = source + strlen(source), *slash;

	while (end > source && end[-1] == '/')
		end--;
	slash = end;
	while (slash > source && slash[-1] != '/')
		slash--;
	return arena_strndup(a, slash, (size_t)(end - slash) < strcspn(slash, ".") ? (size_t)(end - slash) : strcspn(slash, "."));
}

int img_choose_name(struct arena *a, const struct img_import *in, const char *own, const char **out, struct err *e)
{
	const char *from = strcmp(in->source, "-") ? stem(a, in->source) : "", *text = in->name;
	struct st_reference ref;
	int r;

	if (!text && own && strpbrk(own, ":/"))
		text = own;
	else if (!text)
		text = own && *from ? arena_printf(a, "%s:%s", from, own) : own ? own : from;
	r = st_reference_parse(a, text, &ref, in->name ? e : NULL);
	if (r < 0)
		return in->name ? err_in(e, r, "option --name")
				: err_set(e, EINVAL, "has no name of its own that can be used; give it one with --name");
	if (!ref.tag)
		return err_set(e, EINVAL, "\"%s\" names an image by its digest; give it a name with --name", text);
	*out = arena_printf(a, "%s:%s", ref.name, ref.tag);
	return 0;
}

static int check_names(const struct img_import *in, const img_entries *l, struct err *e)
{
	if (in->name && l->len > 1)
		return err_set(e, EINVAL, "holds %zu images, which cannot all be called %s; leave out --name", l->len, in->name);
	return 0;
}

static bool takes_name(const img_entries *l, const char *name)
{
	for (size_t i = 0; i < l->len; i++)
		if (!strcmp(l->at[i].name, name))
			return true;
	return false;
}

int img_name_entries(struct img_job *j, const img_entries *entries, struct err *e)
{
	auto_fd lock = st_lock(j->store, "index", true, e);
	struct oci_image_index x, next = { .schema = 2, .media_type = oci_media_name(OCI_MEDIA_INDEX) };
	int r = lock < 0 ? lock : st_read_index(j->arena, j->store, &x, e);

	if (r < 0)
		return r;
	next.manifests.at = arena_array(j->arena, x.manifests.len + entries->len + 1, sizeof(*x.manifests.at));
	for (size_t i = 0; i < x.manifests.len; i++) {
		const char *name = st_image_name(&x.manifests.at[i]);

		if (!name || !takes_name(entries, name))
			next.manifests.at[next.manifests.len++] = x.manifests.at[i];
	}
	for (size_t i = 0; i < entries->len; i++) {
		const img_entries later = { entries->at + i + 1, entries->len - i - 1 };
		struct pair *name = arena_alloc(j->arena, sizeof(*name));
		struct oci_descriptor *d = &next.manifests.at[next.manifests.len];

		next.manifests.len += !takes_name(&later, entries->at[i].name); /* of two with one name the last counts */
		*name = (struct pair){ OCI_REF_NAME, entries->at[i].name };
		*d = entries->at[i].manifest;
		d->annotations.at = name;
		d->annotations.len = 1;
	}
	return st_write_index(j->arena, j->store, &next, e);
}

static int from_members(struct img_job *j, const struct img_import *in, const struct img_members *m, img_entries *out,
			struct err *e)
{
	bool oci = in->kind == IMG_OCI_DIR || in->kind == IMG_OCI_ARCHIVE ||
		   (in->kind == IMG_AUTO && img_member_exists(m, "index.json"));

	if (in->config)
		return err_set(e, EINVAL, "is an image with a configuration of its own; --cmd, --env and the like are for plain "
					  "root filesystems, say them at kist run");
	if (!oci && !img_member_exists(m, "manifest.json"))
		return err_set(e, EINVAL, "has neither index.json nor manifest.json; if it is a plain root filesystem, say "
					  "--type rootfs");
	return oci ? img_import_oci(j, in, m, out, e) : img_import_docker(j, in, m, out, e);
}

static int from_stream(struct img_job *j, const struct img_import *in, int fd, img_entries *out, struct err *e)
{
	auto_members m = IMG_MEMBERS_NONE;
	auto_feed f = { 0 };
	enum img_coding coding;
	enum img_kind kind;
	int r = img_feed_begin(&f, j->arena, fd, e);

	if (!r)
		r = img_probe(&f, &kind, &coding, e);
	if (r < 0)
		return r;
	if (in->kind == IMG_ROOTFS || (in->kind == IMG_AUTO && kind == IMG_ROOTFS))
		return img_import_rootfs(j, in, &f, coding, out, e);
	r = img_members_of_archive(&m, j, &f, e);
	return r < 0 ? r : from_members(j, in, &m, out, e);
}

/* A directory is an OCI layout when it says so, else a root filesystem, which is packed as it is read. */
static int from_dir(struct img_job *j, const struct img_import *in, img_entries *out, struct err *e)
{
	auto_members m = IMG_MEMBERS_NONE;
	auto_packer p = IMG_PACKER_NONE;
	struct img_import as_rootfs = *in;
	int r = img_members_of_dir(&m, in->source, e);

	if (r < 0)
		return r;
	if (in->kind == IMG_OCI_DIR || (in->kind == IMG_AUTO && img_member_exists(&m, "oci-layout")))
		return from_members(j, in, &m, out, e);
	if (in->kind != IMG_AUTO && in->kind != IMG_ROOTFS)
		return err_set(e, EISDIR, "is a directory, not an archive");
	as_rootfs.kind = IMG_ROOTFS;
	r = img_packer_start(&p, m.dir, IMG_PACK_TREE, e);
	if (!r)
		r = from_stream(j, &as_rootfs, p.from, out, e);
	return img_packer_finish(&p, r, e);
}

static int from_path(struct img_job *j, const struct img_import *in, img_entries *out, struct err *e)
{
	auto_fd fd = -1;
	struct img_progress bar;
	struct stat st;
	int r;

	if (strcmp(in->source, "-") != 0) {
		fd = fd_open(AT_FDCWD, in->source, O_RDONLY | O_NOCTTY);
		if (fd < 0)
			return err_num(e, fd, "open it");
	}
	if (fd < 0 && isatty(STDIN_FILENO))
		return err_set(e, EINVAL, "is a terminal: send an archive into it, or name a file");
	if (fstat(fd < 0 ? STDIN_FILENO : fd, &st) < 0)
		return err_sys(e, "look at it");
	img_progress_begin(&bar, in->source, S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0);
	j->progress = &bar;
	r = S_ISDIR(st.st_mode) ? from_dir(j, in, out, e) : from_stream(j, in, fd < 0 ? STDIN_FILENO : fd, out, e);
	img_progress_end(&bar);
	j->progress = NULL;
	return r;
}

int img_import(struct img_job *j, const struct img_import *in, img_entries *out, struct err *e)
{
	struct st_junk junk = { 0 };
	int r = st_sweep(j->layers, true, &junk, e);

	if (!r)
		r = st_sweep(j->blobs, true, &junk, e);
	if (r < 0)
		return r;
	r = from_path(j, in, out, e);
	if (!r)
		r = check_names(in, out, e);
	if (r < 0)
		return err_in(e, r, "%s", strcmp(in->source, "-") ? in->source : "standard input");
	r = img_sync(j, e);
	return r < 0 ? r : img_name_entries(j, out, e);
}
