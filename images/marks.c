/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/marks.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "oci/document.h"

enum { HEX_LEN = OCI_DIGEST_LEN - sizeof(OCI_SHA256) + 1 };

static bool is_hex(const char *s)
{
	return strspn(s, "0123456789abcdef") == HEX_LEN;
}

const char *img_layer_hex(struct arena *a, const char *path)
{
	static const char folder[] = "/layers/";
	const char *found = NULL;

	for (const char *p = strstr(path, folder); p; p = strstr(p + 1, folder))
		if (is_hex(p + sizeof(folder) - 1) && !strcmp(p + sizeof(folder) - 1 + HEX_LEN, "/fs"))
			found = p + sizeof(folder) - 1;
	return found ? arena_strndup(a, found, HEX_LEN) : NULL;
}

static DIR *open_list(int dir)
{
	int copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);

	if (!d && copy >= 0)
		close(copy);
	return d;
}

int img_list_hex(struct arena *a, int dir, struct strv *out, struct err *e)
{
	DIR *d = open_list(dir);

	if (!d)
		return err_sys(e, "list a directory of the store");
	for (const struct dirent *n = readdir(d); n; n = readdir(d))
		if (is_hex(n->d_name) && !n->d_name[HEX_LEN])
			strv_add(out, arena_strdup(a, n->d_name));
	closedir(d);
	return 0;
}

static void take_document(struct arena *a, const struct json *v, struct img_user *out)
{
	const struct json *kist = json_get(v, "kist"), *digest = json_get(kist, "imageDigest");
	const struct json *lower = json_get(json_get(kist, "root"), "lower");
	size_t n = lower && lower->type == JSON_ARRAY ? lower->len : 0;

	if (digest && digest->type == JSON_STRING && oci_is_digest(digest->text))
		out->image = digest->text;
	out->lower.at = arena_array(a, n + 1, sizeof(char *));
	for (const struct json *c = n ? lower->first : NULL; c; c = c->next)
		if (c->type == JSON_STRING)
			out->lower.at[out->lower.len++] = c->text;
}

/* Only the document counts; one that is being made has none yet, and its maker holds the lock. */
static int read_user(struct arena *a, const struct st_store *s, int instances, const char *name, struct img_user *out,
		     struct err *e)
{
	const char *path = arena_printf(a, "%s/config.json", name);
	const char *shown = arena_printf(a, "%s/instances/%s", s->path, path);
	struct json *v;
	size_t len;
	char *text;
	int r = file_read(a, instances, path, JSON_MAX_BYTES, &text, &len);

	*out = (struct img_user){ .name = arena_strdup(a, name) };
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0)
		return err_num(e, r, "read %s", shown);
	r = oci_tree(a, shown, text, len, &v, e);
	if (r < 0)
		return r;
	take_document(a, v, out);
	return 0;
}

int img_read_users(struct arena *a, const struct st_store *s, img_users *out, struct err *e)
{
	auto_fd dir = st_subdir(s, "instances", e);
	struct strv names = { .arena = a };
	DIR *d = dir < 0 ? NULL : open_list(dir);
	int r = 0;

	*out = (img_users){ NULL, 0 };
	if (!d)
		return dir < 0 ? dir : err_sys(e, "list the instances");
	for (const struct dirent *n = readdir(d); n; n = readdir(d))
		if (n->d_name[0] != '.')
			strv_add(&names, arena_strdup(a, n->d_name));
	closedir(d);
	out->at = arena_array(a, names.len + 1, sizeof(*out->at));
	for (; !r && out->len < names.len; out->len += !r)
		r = read_user(a, s, dir, names.at[out->len], &out->at[out->len], e);
	return r;
}

static void mark(struct strv *v, const char *digest)
{
	strv_add(v, arena_strdup(v->arena, st_hex(digest)));
}

/* In memory of its own: a thousand images may be told by documents of some megabytes each. */
static int mark_image(struct img_job *j, const struct oci_descriptor *d, struct img_marks *m, struct err *e)
{
	auto_arena mine = { 0 };
	struct st_image i = { 0 };
	int r = st_load_image(&mine, j->store, d, &i, e);

	if (r < 0)
		return r;
	mark(&m->blobs, i.digest);
	mark(&m->blobs, i.manifest.config->digest);
	for (size_t n = 0; n < i.manifest.layers.len; n++) {
		mark(&m->blobs, i.manifest.layers.at[n].digest);
		mark(&m->layers, i.config.rootfs->diff_ids.at[n]);
	}
	return 0;
}

static int mark_user(struct img_job *j, const struct img_user *u, struct img_marks *m, struct err *e)
{
	const struct oci_descriptor d = { .digest = u->image };

	for (size_t i = 0; i < u->lower.len; i++) {
		const char *hex = img_layer_hex(j->arena, u->lower.at[i]);

		if (hex)
			strv_add(&m->layers, hex);
	}
	if (!u->image || faccessat(j->blobs, st_hex(u->image), F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return mark_image(j, &d, m, e);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(struct strv *v)
{
	if (v->len)
		qsort(v->at, v->len, sizeof(*v->at), compare);
}

bool img_is_marked(const struct strv *marks, const char *hex)
{
	return marks->len && bsearch(&hex, marks->at, marks->len, sizeof(*marks->at), compare);
}

int img_mark(struct img_job *j, const struct oci_image_index *x, struct img_marks *out, struct err *e)
{
	img_users users;
	int r = img_read_users(j->arena, j->store, &users, e);

	*out = (struct img_marks){ { .arena = j->arena }, { .arena = j->arena } };
	for (size_t i = 0; !r && i < x->manifests.len; i++)
		r = mark_image(j, &x->manifests.at[i], out, e);
	for (size_t i = 0; !r && i < users.len; i++)
		r = mark_user(j, &users.at[i], out, e);
	if (r < 0)
		return err_hint(e, r, "nothing is removed while that is so (kist system check)");
	sort(&out->blobs);
	sort(&out->layers);
	return 0;
}
