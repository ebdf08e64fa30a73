/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/export.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "images/pack.h"
#include "images/platform.h"
#include "images/sink.h"

static int send_blob(struct img_job *j, struct img_sink *s, const char *digest, const char *name, struct err *e)
{
	auto_fd fd = fd_open(j->blobs, st_hex(digest), O_RDONLY | O_NOFOLLOW);

	return fd < 0 ? err_num(e, fd, "open the blob %s", digest) : img_sink_blob(s, name, fd, digest, e);
}

static const char *blob_name(struct img_job *j, const char *digest)
{
	return arena_printf(j->arena, "blobs/sha256/%s", st_hex(digest));
}

static bool seen(const struct st_image *i, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (!strcmp(i->manifest.layers.at[k].digest, i->manifest.layers.at[n].digest))
			return true;
	return false;
}

/* The index of a layout with this one image. */
static const char *index_text(struct img_job *j, const struct st_image *i, size_t *len, struct err *e)
{
	struct pair name = { OCI_REF_NAME, i->name };
	struct oci_platform p = img_platform_of(&i->config);
	struct oci_descriptor d = { .digest = i->digest, .annotations = { &name, i->name != NULL }, .platform = &p };
	const struct oci_image_index x = { .schema = 2, .manifests = { &d, 1 } };
	struct stat st;

	if (fstatat(j->blobs, st_hex(i->digest), &st, AT_SYMLINK_NOFOLLOW) < 0) {
		err_sys(e, "look at the blob %s", i->digest);
		return NULL;
	}
	d.size = (uint64_t)st.st_size;
	d.media_type = i->manifest.media_type ? i->manifest.media_type : oci_media_name(OCI_MEDIA_MANIFEST);
	return oci_encode_text(j->arena, &oci_image_index_object, &x, JSON_COMPACT, len);
}

static int send_oci(struct img_job *j, const struct st_image *i, struct img_sink *s, struct err *e)
{
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	size_t len;
	const char *text = index_text(j, i, &len, e);
	int r = text ? img_sink_text(s, "oci-layout", layout, sizeof(layout) - 1, e) : -EIO;

	if (!r)
		r = img_sink_text(s, "index.json", text, len, e);
	if (!r)
		r = send_blob(j, s, i->digest, blob_name(j, i->digest), e);
	if (!r)
		r = send_blob(j, s, i->manifest.config->digest, blob_name(j, i->manifest.config->digest), e);
	for (size_t n = 0; !r && n < i->manifest.layers.len; n++)
		if (!seen(i, n))
			r = send_blob(j, s, i->manifest.layers.at[n].digest, blob_name(j, i->manifest.layers.at[n].digest), e);
	return r;
}

static int send_oci_dir(struct img_job *j, const struct st_image *i, struct img_sink *s, struct err *e)
{
	if (mkdirat(s->dir, "blobs", 0755) < 0 || mkdirat(s->dir, "blobs/sha256", 0755) < 0)
		return err_sys(e, "make the layout's directories");
	return send_oci(j, i, s, e);
}

/* Layers go as they are, compressed or not: what reads such an archive tells by their content. */
static int send_docker(struct img_job *j, const struct st_image *i, struct img_sink *s, struct err *e)
{
	struct arena *a = j->arena;
	const char *config = arena_printf(a, "%s.json", st_hex(i->manifest.config->digest)), *text;
	struct oci_docker_save save = { .config = config, .tags = { &(const char *){ i->name }, i->name != NULL } };
	struct json_out *w = json_out_new(a, JSON_COMPACT);
	size_t len;
	int r = send_blob(j, s, i->manifest.config->digest, config, e);

	save.layers.at = arena_array(a, i->manifest.layers.len + 1, sizeof(char *));
	for (size_t n = 0; !r && n < i->manifest.layers.len; n++) {
		const char *digest = i->manifest.layers.at[n].digest, *name = arena_printf(a, "%s.tar", st_hex(digest));

		save.layers.at[save.layers.len++] = name;
		r = seen(i, n) ? 0 : send_blob(j, s, digest, name, e);
	}
	if (r < 0)
		return r;
	json_out_open(w, JSON_ARRAY);
	oci_encode(&oci_docker_save_object, &save, w);
	json_out_close(w, JSON_ARRAY);
	text = json_out_text(w, &len);
	return img_sink_text(s, "manifest.json", text, len, e);
}

static int send_rootfs(struct img_job *j, const struct st_image *i, int fd, struct err *e)
{
	auto_view v = { 0 };
	int r = st_view_open(j->arena, &i->layers, &v);

	if (r < 0)
		return err_num(e, r, "open the layers of %s", i->name ? i->name : i->digest);
	return v.n ? img_pack(fd, &v, IMG_PACK_TREE, NULL, e) : err_set(e, EINVAL, "%s has no layers", i->name ? i->name : i->digest);
}

int img_export(struct img_job *j, const struct st_image *i, enum img_kind kind, const char *output, struct err *e)
{
	auto_sink s = IMG_SINK_NONE;
	int fd, r;

	if (kind == IMG_OCI_DIR && !output)
		return err_set(e, EINVAL, "--type oci-dir needs --output: a directory cannot go into a pipe");
	fd = img_sink_open(&s, j->arena, output, kind == IMG_OCI_DIR, e);
	if (fd < 0)
		return fd;
	s.progress = j->progress;
	r = kind == IMG_OCI_ARCHIVE || kind == IMG_DOCKER_ARCHIVE ? img_sink_archive(&s, fd, e) : 0;
	if (!r)
		r = kind == IMG_OCI_DIR ? send_oci_dir(j, i, &s, e) : kind == IMG_OCI_ARCHIVE ? send_oci(j, i, &s, e)
		    : kind == IMG_DOCKER_ARCHIVE ? send_docker(j, i, &s, e) : send_rootfs(j, i, fd, e);
	return r < 0 ? r : img_sink_finish(&s, e);
}
