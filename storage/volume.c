/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/volume.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "storage/copy.h"
#include "storage/objects.h"

#define S struct st_volume
static const struct field volume_fields[] = {
	F_STR(S, name, "name", REQUIRED),
	F_STR(S, created, "created", REQUIRED),
	F_MAP(S, labels, "labels"),
};
const struct object st_volume_object = OBJECT(S, volume_fields, NULL);
#undef S

enum { NAME_LENGTH = 128, JSON_MAX = 1 << 20 };

int st_volume_check_name(const char *name, struct err *e)
{
	static const char more[] = "_.-";

	if (strlen(name) > NAME_LENGTH)
		return err_set(e, EINVAL, "invalid volume name \"%.40s…\": longer than %d characters", name, NAME_LENGTH);
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && (c == name || !strchr(more, *c)))
			return err_set(e, EINVAL,
				       "invalid volume name \"%s\": letters and digits, and after the first _ . and - (a path begins with / or .)",
				       name);
	return *name ? 0 : err_set(e, EINVAL, "invalid volume name: it is empty");
}

const char *st_volume_path(struct arena *a, const struct st_store *s, const char *name)
{
	return arena_printf(a, "%s/volumes/%s/data", s->path, name);
}

static const char *now(struct arena *a)
{
	char *text = arena_alloc(a, TEXT_TIME);
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	text_time(text, &t);
	return text;
}

static int write_new(struct arena *a, const struct st_new *n, const struct st_volume *v, struct err *e)
{
	size_t len;
	const char *text = oci_encode_text(a, &st_volume_object, v, JSON_PRETTY, &len);
	int r;

	if (mkdirat(n->fd, "data", 0755) < 0 || fchmodat(n->fd, "data", 0755, 0) < 0)
		return err_sys(e, "make the directory of volume %s", v->name);
	r = file_put(n->fd, "volume.json", text, len, 0600, FILE_DURABLE);
	return r < 0 ? err_num(e, r, "write volume.json of volume %s", v->name) : 0;
}

int st_volume_make(struct arena *a, const struct st_store *s, const char *name, const pairs *labels, struct err *e)
{
	const struct st_volume v = { name, now(a), *labels };
	auto_fd dir = -1;
	auto_new n = ST_NEW_NONE;
	int r = st_volume_check_name(name, e);

	if (r < 0)
		return r;
	dir = st_subdir(s, "volumes", e);
	r = dir < 0 ? dir : st_new_dir(dir, &n, e);
	if (!r)
		r = write_new(a, &n, &v, e);
	if (!r)
		r = st_new_keep(&n, name, e);
	if (r == 1)
		return err_set(e, EEXIST, "a volume named %s exists already", name);
	if (!r && fsync(dir) < 0)
		return err_sys(e, "write %s/volumes", s->path);
	return r;
}

int st_volume_read(struct arena *a, const struct st_store *s, const char *name, struct st_volume *out, struct err *e)
{
	const char *path = arena_printf(a, "volumes/%s/volume.json", name);
	struct st_volume v = { 0 };
	char *text;
	size_t len;
	int r = st_volume_check_name(name, e);

	if (r < 0)
		return r;
	r = file_read(a, s->dir, path, JSON_MAX, &text, &len);
	if (r == -ENOENT)
		return err_set(e, ENOENT, "there is no volume %s (kist volume list names all)", name);
	if (r < 0)
		return err_num(e, r, "read %s/%s", s->path, path);
	r = oci_decode_text(a, &st_volume_object, arena_printf(a, "%s/%s", s->path, path), text, len, &v, e);
	if (!r)
		*out = v;
	return r;
}

static int by_name(const void *a, const void *b)
{
	const struct st_volume *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int st_volume_list(struct arena *a, const struct st_store *s, st_volumes *out, struct err *e)
{
	int fd = st_subdir(s, "volumes", e), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	st_volumes l = { NULL, 0 };

	if (!d)
		return fd < 0 ? fd : err_sys(e, "read %s/volumes", s->path);
	for (const struct dirent *n = readdir(d); n && !r; n = readdir(d)) {
		if (*n->d_name == '.')
			continue;
		l.at = arena_grow(a, l.at, l.len, sizeof(*l.at));
		r = st_volume_read(a, s, arena_strdup(a, n->d_name), &l.at[l.len], e);
		l.len += r == 0;
		r = r == -ENOENT ? 0 : r; /* removed at this moment */
	}
	closedir(d);
	if (l.len)
		qsort(l.at, l.len, sizeof(*l.at), by_name);
	*out = l;
	return r;
}

/* Under a name that a sweep takes for a leftover, so that a half removed volume is none any more. */
int st_volume_remove(struct arena *a, const struct st_store *s, const char *name, struct err *e)
{
	struct st_volume v;
	auto_fd dir = st_subdir(s, "volumes", e);
	auto_new n = ST_NEW_NONE;
	int r = dir < 0 ? dir : st_volume_read(a, s, name, &v, e);

	if (!r)
		r = st_new_dir(dir, &n, e);
	if (r < 0)
		return r;
	if (renameat(dir, name, n.fd, "removed") < 0)
		return err_sys(e, "remove volume %s", name);
	r = st_remove_tree(n.fd, "removed");
	return r < 0 ? err_num(e, r, "remove the files of volume %s", name) : 0;
}

void st_filling_done(struct st_filling *f)
{
	st_new_drop(&f->n);
	fd_done(&f->dir);
	fd_done(&f->lock);
}

int st_filling_begin(struct arena *a, const struct st_store *s, const char *name, struct st_filling *f, struct err *e)
{
	int r = 0;

	f->lock = st_lock(s, arena_printf(a, "volume-%s", name), true, e);
	if (f->lock < 0)
		return f->lock;
	f->dir = fd_open(s->dir, arena_printf(a, "volumes/%s", name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	r = f->dir < 0 ? f->dir : st_is_empty(f->dir, "data");
	if (r < 0)
		return err_num(e, r, "look into volume %s", name);
	f->wanted = r;
	return f->wanted ? st_new_dir(f->dir, &f->n, e) : 0;
}

int st_filling_end(struct st_filling *f, struct err *e)
{
	int r;

	if (syncfs(f->n.fd) < 0)
		return err_sys(e, "write the volume");
	r = st_new_keep(&f->n, "data", e);
	if (r == 1)
		return err_set(e, EBUSY, "somebody has written into the volume meanwhile");
	/* Before anybody writes into it: what has no name on the disk would be a leftover after a power cut. */
	return !r && fsync(f->dir) < 0 ? err_sys(e, "write the volume") : r;
}

int st_volume_fill(struct arena *a, const struct st_store *s, const char *name, const struct st_view *image,
		   const char *path, struct err *e)
{
	auto_filling f = ST_FILLING_NONE;
	auto_view parent = { 0 };
	struct st_entry found;
	const char *last;
	int r = st_filling_begin(a, s, name, &f, e);

	if (r || !f.wanted || st_view_walk(a, image, path, &parent, &last, &found) < 0)
		return r;
	if (found.sub.n) {
		r = st_copy_tree(&found, f.n.fd);
		r = r < 0 ? err_num(e, r, "copy %s of the image", path) : st_filling_end(&f, e);
	}
	st_view_done(&found.sub);
	return r < 0 ? err_in(e, r, "fill volume %s", name) : 0;
}
