/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/images.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "storage/reference.h"

enum { PREFIX_DIGITS = 8 };

const char *st_hex(const char *digest)
{
	return digest + sizeof(OCI_SHA256) - 1;
}

const char *st_blob_path(struct arena *a, const char *digest)
{
	return arena_printf(a, "images/blobs/sha256/%s", st_hex(digest));
}

const char *st_layer_path(struct arena *a, const struct st_store *s, const char *diff_id)
{
	return arena_printf(a, "%s/layers/%s/fs", s->path, st_hex(diff_id));
}

static int read_document(struct arena *a, const struct st_store *s, const struct object *o, const char *path, size_t max,
			 void *out, struct err *e)
{
	const char *shown = arena_printf(a, "%s/%s", s->path, path);
	char *text;
	size_t len;
	int r = file_read(a, s->dir, path, max, &text, &len);

	if (r == -EFBIG)
		return err_set(e, EFBIG, "%s: larger than %zu MiB", shown, max >> 20);
	if (r < 0)
		return err_num(e, r, "read %s", shown);
	return oci_decode_text(a, o, shown, text, len, out, e);
}

int st_read_index(struct arena *a, const struct st_store *s, struct oci_image_index *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	out->schema = 2;
	if (faccessat(s->dir, "images/index.json", F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	return read_document(a, s, &oci_image_index_object, "images/index.json", OCI_INDEX_BYTES, out, e);
}

int st_write_index(struct arena *a, const struct st_store *s, const struct oci_image_index *x, struct err *e)
{
	auto_fd dir = st_subdir(s, "images", e);
	const char *text;
	size_t len;
	int r;

	if (dir < 0)
		return dir;
	text = oci_encode_text(a, &oci_image_index_object, x, JSON_PRETTY, &len);
	if (len > OCI_INDEX_BYTES || x->manifests.len > OCI_MAX_MANIFESTS) /* nobody could read it */
		return err_set(e, EFBIG, "%s/images/index.json: %zu images are more than an index may have; remove some", s->path,
			       x->manifests.len);
	r = file_put(dir, "index.json", text, len, 0600, FILE_DURABLE);
	if (!r && fsync(dir) < 0)
		r = -errno;
	return r < 0 ? err_num(e, r, "write %s/images/index.json", s->path) : 0;
}

const char *st_image_name(const struct oci_descriptor *d)
{
	return oci_pair(&d->annotations, OCI_REF_NAME);
}

/* Three ways to mean an image; each way says whether an entry is meant. */
struct query {
	const char *text, *full, *digest; /* as given; with its tag; the beginning of a digest's digits */
	const char *pinned;		  /* the digest behind a name's tag: no other will do */
	const char *name;		  /* without tag and digest; NULL: it is none */
};

static bool by_name(const struct oci_descriptor *d, const struct query *q)
{
	const char *name = st_image_name(d);

	return name && q->full && !strcmp(name, q->full);
}

static bool by_last_components(const struct oci_descriptor *d, const struct query *q)
{
	const char *name = st_image_name(d);
	size_t n = name ? strlen(name) : 0, m = q->full ? strlen(q->full) : 0;

	return m && n > m && name[n - m - 1] == '/' && !strcmp(name + n - m, q->full);
}

static bool by_digest(const struct oci_descriptor *d, const struct query *q)
{
	return q->digest && text_starts(st_hex(d->digest), q->digest);
}

static const char *digest_prefix(const char *text)
{
	const char *hex = text_starts(text, OCI_SHA256) ? st_hex(text) : text;
	size_t n = strspn(hex, "0123456789abcdef");

	return n >= PREFIX_DIGITS && !hex[n] ? hex : NULL;
}

static struct query understand(struct arena *a, const char *text)
{
	struct st_reference ref = { 0 };
	struct query q = { .text = text, .digest = digest_prefix(text) };

	if (st_reference_parse(a, text, &ref, NULL) < 0)
		return q;
	if (ref.digest && !ref.tag)
		q.digest = st_hex(ref.digest);
	else
		q.full = arena_printf(a, "%s:%s", ref.name, ref.tag);
	q.name = ref.name;
	q.pinned = ref.digest;
	return q;
}

static int ambiguous(const struct query *q, const struct oci_descriptor *one, const struct oci_descriptor *two, struct err *e)
{
	const char *a = st_image_name(one), *b = st_image_name(two);

	return err_set(e, ENOTUNIQ, "\"%s\" means several images, among them %s and %s; say more of it", q->text,
		       a ? a : one->digest, b ? b : two->digest);
}

/* What has the name with another tag: "latest" is what people mean least often when they leave the tag out. */
static const char *other_tags(struct arena *a, const struct oci_image_index *x, const struct query *q)
{
	enum { SHOWN = 5 };
	struct text t = { .arena = a };
	size_t found = 0;

	for (size_t i = 0; q->name && i < x->manifests.len && found < SHOWN; i++) {
		const char *name = st_image_name(&x->manifests.at[i]), *colon = name ? strrchr(name, ':') : NULL;
		size_t n = colon ? (size_t)(colon - name) : 0, m = strlen(q->name);

		if (n < m || strncmp(name + n - m, q->name, m) != 0 || (n > m && name[n - m - 1] != '/'))
			continue;
		text_add(&t, "%s%s", found++ ? ", " : " that is called so, only ", name);
	}
	return text_str(&t);
}

int st_pick(struct arena *a, const struct oci_image_index *x, const char *reference, const struct oci_descriptor **out,
	    struct err *e)
{
	static bool (*const ways[])(const struct oci_descriptor *, const struct query *) = { by_name, by_last_components,
											      by_digest };
	struct query q = understand(a, reference);
	char shown[JSON_SHOWN];

	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		const struct oci_descriptor *found = NULL;

		for (size_t i = 0; i < x->manifests.len; i++) {
			const struct oci_descriptor *d = &x->manifests.at[i];

			if (!ways[w](d, &q) || (q.pinned && strcmp(q.pinned, d->digest)))
				continue;
			if (found && strcmp(found->digest, d->digest))
				return ambiguous(&q, found, d, e);
			found = found ? found : d;
		}
		if (found) {
			*out = found;
			return 0;
		}
	}
	return err_set(e, ENOENT, "no image \"%s\"%s; kist image list shows what there is, kist image import brings one",
		       json_shown(shown, reference), other_tags(a, x, &q));
}

/* The root of a layer may be opaque as any directory; overlayfs does not look for it there. */
static bool hides_all(const char *layer)
{
	char c;

	return lgetxattr(layer, "trusted.overlay.opaque", &c, 1) == 1 && c == 'y';
}

/* overlayfs takes no directory twice; the upper occurrence of a layer hides all of the lower one. */
static strings layer_paths(struct arena *a, const struct st_store *s, const strings *diff_ids)
{
	strings l = { arena_array(a, diff_ids->len + 1, sizeof(char *)), 0 };

	for (size_t i = diff_ids->len; i-- > 0;) {
		const char *path = st_layer_path(a, s, diff_ids->at[i]);
		size_t j = 0;

		while (j < l.len && strcmp(l.at[j], path))
			j++;
		if (j == l.len)
			l.at[l.len++] = path;
		if (hides_all(path))
			break;
	}
	return l;
}

int st_load_image(struct arena *a, const struct st_store *s, const struct oci_descriptor *d, struct st_image *out,
		  struct err *e)
{
	struct st_image i = { .name = st_image_name(d), .digest = d->digest };
	int r = read_document(a, s, &oci_image_manifest_object, st_blob_path(a, d->digest), OCI_INDEX_BYTES, &i.manifest, e);

	if (!r)
		r = read_document(a, s, &oci_image_config_object, st_blob_path(a, i.manifest.config->digest), OCI_CONFIG_BYTES,
				  &i.config, e);
	if (!r)
		r = oci_image_agree(&i.manifest, &i.config, i.name ? i.name : i.digest, e);
	if (r < 0)
		return r;
	i.layers = layer_paths(a, s, &i.config.rootfs->diff_ids);
	*out = i;
	return 0;
}

int st_find_image(struct arena *a, const struct st_store *s, const char *reference, struct st_image *out, struct err *e)
{
	const struct oci_descriptor *d;
	struct oci_image_index x;
	int r = st_read_index(a, s, &x, e);

	if (!r)
		r = st_pick(a, &x, reference, &d, e);
	return r ? r : st_load_image(a, s, d, out, e);
}
