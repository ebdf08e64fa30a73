/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a layer are read once: hashed and copied to the blob as they are, unpacked into a directory without a
 * name, hashed as they come out.  Only when all of it has been what it should be, and is on the disk, do blob and
 * directory get their names.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "images/job.h"
#include "images/layer.h"
#include "images/unpack.h"

#define S struct img_layer_note
static const struct field note_fields[] = {
	F_STR(S, diff_id, "diffID", REQUIRED),
	F_U64(S, size, "size", REQUIRED),
	F_U64(S, entries, "entries", REQUIRED),
	F_U64(S, implied, "implied", 0),
};
const struct object img_layer_note_object = OBJECT(S, note_fields, NULL);
#undef S

static enum oci_media media_of(enum img_coding c)
{
	return c == IMG_GZIP ? OCI_MEDIA_LAYER_GZIP : c == IMG_ZSTD ? OCI_MEDIA_LAYER_ZSTD : OCI_MEDIA_LAYER;
}

static bool is_there(const struct img_job *j, const char *diff_id)
{
	return diff_id && faccessat(j->layers, st_hex(diff_id), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int unpack(struct img_job *j, const struct img_layer_in *in, struct img_stream *s, int dir, struct img_counts *counts,
		  struct err *e)
{
	auto_arena a = { 0 };
	auto_view below = { 0 };
	auto_fd root = -1;
	auto_tree t = { .parent = -1 };
	int r;

	if (mkdirat(dir, "fs", 0755) < 0)
		return err_sys(e, "make the directory of a layer");
	root = fd_open(dir, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (root < 0)
		return err_num(e, root, "open the directory of a layer");
	r = st_view_open(&a, &in->below, &below);
	if (r < 0)
		return err_num(e, r, "open the layers below");
	img_tree_begin(&t, &a, root, j->limits);
	t.below = &below;
	r = img_unpack(&t, s, e);
	*counts = t.counts;
	return r;
}

static int differs(const char *wanted, const char *got, const char *which, struct err *e)
{
	return !wanted || !strcmp(wanted, got) ? 0 : err_set(e, EBADMSG, "its %s is %s, not %s", which, got, wanted);
}

static int verify(const struct img_layer_in *in, const struct img_layer *l, const char *packed, uint64_t size, struct err *e)
{
	int r = differs(in->digest, packed, "digest", e);

	if (!r && in->size != IMG_ANY && in->size != size)
		r = err_set(e, EBADMSG, "it has %" PRIu64 " bytes, not %" PRIu64, size, in->size);
	return r ? r : differs(in->diff_id, l->diff_id, "diff_id", e);
}

/* Data and directories reach the disk together; one call for thousands of files. */
static int seal(struct img_job *j, int dir, const struct img_layer *l, const struct img_counts *c, struct err *e)
{
	const struct img_layer_note note = { l->diff_id, c->bytes, c->entries, c->implied };
	size_t len;
	const char *text = oci_encode_text(j->arena, &img_layer_note_object, &note, JSON_COMPACT, &len);
	int r = file_put(dir, "layer.json", text, len, 0600, FILE_VOLATILE);

	if (!r && syncfs(dir) < 0)
		r = -errno;
	return r < 0 ? err_num(e, r, "write the layer to the disk") : 0;
}

/* A file that was staged gets a second name, because another image of the archive may want it as well. */
static int keep_staged(struct img_job *j, const struct img_layer_in *in, const char *name, struct err *e)
{
	if (fsync(in->fd) < 0)
		return err_sys(e, "write the blob to the disk");
	return st_link(in->fd, in->file_dir, in->file, j->blobs, name, e);
}

static int keep_blob(struct img_job *j, const struct img_layer_in *in, struct st_new *blob, const char *name, struct err *e)
{
	if (in->kept)
		return 0;
	if (in->file)
		return keep_staged(j, in, name, e);
	if (fsync(blob->fd) < 0)
		return err_sys(e, "write the blob to the disk");
	return st_new_keep(blob, name, e);
}

/* What does not parse is more often a damaged file than a strange one, and its digest knows. */
static int blame(const struct img_layer_in *in, struct img_feed *f, int r, struct err *e)
{
	img_digest packed;
	const void *data;
	ssize_t n;

	if (r != -EINVAL || !in->digest)
		return r;
	while ((n = img_feed_next(f, &data, NULL)) > 0)
		;
	return n < 0 || img_feed_digest(f, packed, NULL) < 0 || !differs(in->digest, packed, "digest", e) ? r : -EBADMSG;
}

/* The archive goes to `dir`, or nowhere when the layer is there already and only the digests count. */
static int take(struct img_job *j, const struct img_layer_in *in, struct img_stream *s, const struct st_new *dir,
		struct img_layer *out, struct err *e)
{
	struct img_counts counts = { 0 };
	uint64_t size;
	img_digest packed;
	int r = dir->fd >= 0 ? unpack(j, in, s, dir->fd, &counts, e) : 0;

	if (!r)
		r = img_stream_finish(s, out->diff_id, packed, e);
	if (r < 0)
		return blame(in, s->feed, r, e);
	size = s->feed->total;
	memcpy(out->digest, in->plain ? out->diff_id : packed, sizeof(img_digest));
	out->size = in->plain ? s->plain : size;
	out->media = media_of(s->coding);
	r = verify(in, out, packed, size, e);
	return !r && dir->fd >= 0 ? seal(j, dir->fd, out, &counts, e) : r;
}

static int open_stream(struct img_job *j, const struct img_layer_in *in, struct img_feed *f, struct img_stream *s, int blob,
		       struct err *e)
{
	int r;

	f->progress = j->progress;
	f->most = in->size != IMG_ANY ? in->size : j->limits->bytes;
	f->behind.copy = in->plain ? -1 : blob;
	r = img_stream_open(s, f, j->limits, e);
	s->copy = in->plain ? blob : -1;
	if (!r && !in->plain && s->coding > IMG_ZSTD)
		return err_set(e, EINVAL, "is compressed in a way that layers have not: neither gzip nor zstd");
	return r;
}

static int add(struct img_job *j, const struct img_layer_in *in, struct img_layer *out, struct err *e)
{
	auto_fd lock = in->diff_id ? st_lock(j->store, st_hex(in->diff_id), true, e) : -1;
	auto_new blob = ST_NEW_NONE, dir = ST_NEW_NONE;
	auto_arena a = { 0 };
	auto_feed own = { 0 };
	auto_stream s = IMG_STREAM_NONE;
	int r = in->diff_id && lock < 0 ? lock : 0;

	if (!r && !in->file && !in->kept)
		r = st_new_file(j->blobs, &blob, e);
	if (!r && !is_there(j, in->diff_id))
		r = st_new_dir(j->layers, &dir, e);
	if (!r && !in->feed)
		r = img_feed_begin(&own, &a, in->fd, e);
	if (!r)
		r = open_stream(j, in, in->feed ? in->feed : &own, &s, blob.fd, e);
	if (!r)
		r = take(j, in, &s, &dir, out, e);
	img_feed_settle(in->feed ? in->feed : &own);
	if (!r && dir.fd >= 0)
		r = st_new_keep(&dir, st_hex(out->diff_id), e);
	return r < 0 ? r : keep_blob(j, in, &blob, st_hex(out->digest), e);
}

int img_add_layer(struct img_job *j, const struct img_layer_in *in, struct img_layer *out, struct err *e)
{
	int r = add(j, in, out, e);

	return r < 0 && in->what ? err_in(e, r, "%s", in->what) : r;
}
