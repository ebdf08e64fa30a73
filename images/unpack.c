/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/unpack.h"

#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "images/place.h"

enum { BENEATH = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };

int img_bad(const struct img_place *p, struct err *e, const char *why)
{
	char shown[JSON_SHOWN];

	return err_set(e, EINVAL, "the entry \"%s\" %s", json_shown(shown, p->path), why);
}

int img_bad_sys(const struct img_place *p, struct err *e, const char *what)
{
	char shown[JSON_SHOWN];
	int code = errno;

	return err_num(e, -code, "%s \"%s\" of the archive", what, json_shown(shown, p->path));
}

void img_tree_begin(struct img_tree *t, struct arena *a, int root, const struct img_limits *l)
{
	memset(t, 0, sizeof(*t));
	t->arena = a;
	t->root = root;
	t->limits = l;
	t->parent = -1;
	t->later_end = &t->later;
}

void img_tree_done(struct img_tree *t)
{
	fd_done(&t->parent);
}

int img_open_beneath(const struct img_tree *t, const char *path, int flags)
{
	return sys_openat2(t->root, *path ? path : ".", (uint64_t)flags | O_DIRECTORY | O_CLOEXEC, 0, BENEATH);
}

static int open_step(int at, const char *name)
{
	return sys_openat2(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, BENEATH);
}

enum implied { WAS_THERE, MADE, HIDES };

/* One directory that the archive did not mention; in the place of a whiteout it hides what is below, as the whiteout did. */
static int imply_one(struct img_tree *t, int at, const char *name, enum implied *how)
{
	auto_fd dir = -1;

	*how = mkdirat(at, name, 0755) == 0 ? MADE : WAS_THERE;
	if (*how == WAS_THERE && errno != EEXIST)
		return -errno;
	dir = open_step(at, name);
	if (dir == -ENOTDIR && img_is_whiteout(at, name)) {
		if (unlinkat(at, name, 0) < 0 || mkdirat(at, name, 0755) < 0)
			return -errno;
		*how = HIDES;
		dir = open_step(at, name);
	}
	t->counts.implied += *how != WAS_THERE;
	if (dir >= 0 && *how == HIDES && fsetxattr(dir, IMG_OPAQUE, "y", 1, 0) < 0)
		return -errno;
	return take_fd(&dir);
}

static int too_many(const struct img_tree *t, struct err *e)
{
	return err_set(e, EFBIG, "has more than %" PRIu64 " entries", t->limits->entries);
}

/*
 * A directory that the archive did not describe is meant as the layers below have it: made with other owners and mode,
 * it would change theirs.  Layers are shared by what they hold, so that those of the first image count.
 */
static int inherit(struct img_tree *t, const struct st_view *below, const char *name, int made, struct st_view *sub)
{
	enum { LOOKS = 100000 }; /* each opens as many directories as there are layers */
	auto_arena a = { 0 };
	struct st_entry found = { .part = 0 };

	if (!below->n || ++t->looks > LOOKS || st_view_look(&a, below, name, &found) < 0 || !found.sub.n)
		return 0;
	sub->at = arena_array(t->arena, found.sub.n, sizeof(int));
	memcpy(sub->at, found.sub.at, found.sub.n * sizeof(int));
	sub->n = found.sub.n;
	if (made < 0)
		return 0;
	return fchown(made, found.st.st_uid, found.st.st_gid) < 0 || fchmod(made, found.st.st_mode & 07777) < 0 ? -errno : 0;
}

/* Its times, too, when it has what the layer puts there; its name is the beginning of the path. */
static int inherit_times(struct img_tree *t, const struct st_view *below, const char *path, size_t len, struct err *e)
{
	char name[PATH_MAX];
	struct stat st;

	if (!below->n)
		return 0;
	if (fstat(below->at[0], &st) < 0)
		return -errno;
	memcpy(name, path, len);
	name[len] = 0;
	return img_remember(t, name, (const struct timespec[]){ st.st_mtim, st.st_mtim }, e);
}

/* Makes what is missing of a parent, each component in the one before: from the root, long names would cost the square. */
static int imply(struct img_tree *t, const char *path, struct err *e)
{
	char parts[PATH_MAX], *rest = strcpy(parts, path);
	auto_fd at = img_open_beneath(t, "", O_PATH);
	auto_view below = { 0 };
	const struct st_view *from = t->below ? t->below : &below;

	for (char *name; at >= 0 && (name = strsep(&rest, "/"));) {
		auto_view sub = { 0 };
		enum implied how = WAS_THERE;
		int next = imply_one(t, at, name, &how), r;

		fd_done(&at);
		at = next;
		if (t->counts.implied + t->counts.entries > t->limits->entries)
			return too_many(t, e);
		r = at < 0 || how == HIDES ? 0 : inherit(t, from, name, how == MADE ? at : -1, &sub);
		if (!r && how == MADE)
			r = inherit_times(t, &sub, path, (size_t)(name - parts) + strlen(name), e);
		if (r < 0)
			return r;
		st_view_done(&below);
		below = sub;
		sub.n = 0;
		from = &below;
	}
	return take_fd(&at);
}

/* A link on the way is refused: it might lead anywhere, and a layer is complete without it. */
static int enter(struct img_tree *t, struct img_place *p, size_t len, struct err *e)
{
	char path[PATH_MAX];
	int fd;

	memcpy(path, p->path, len);
	path[len] = 0;
	fd = img_open_beneath(t, path, O_PATH);
	if (fd == -ENOENT || fd == -ENOTDIR)
		fd = imply(t, path, e);
	if (fd == -EFBIG)
		return fd;
	if (fd == -ELOOP || fd == -EXDEV)
		return img_bad(p, e, "goes through a symbolic link");
	if (fd == -ENOTDIR)
		return img_bad(p, e, "goes through something that is no directory");
	errno = fd < 0 ? -fd : 0;
	if (fd < 0)
		return img_bad_sys(p, e, "open the directory of");
	fd_done(&t->parent);
	t->parent = fd;
	t->stale = false;
	memcpy(t->parent_path, path, len + 1);
	return 0;
}

static int locate(struct img_tree *t, struct img_place *p, struct err *e)
{
	const char *slash = strrchr(p->path, '/');
	size_t len = slash ? (size_t)(slash - p->path) : 0;
	int r = 0;

	if (t->parent < 0 || t->stale || strncmp(t->parent_path, p->path, len) != 0 || t->parent_path[len])
		r = enter(t, p, len, e);
	p->parent = t->parent;
	p->name = *p->path ? p->path + len + (slash != NULL) : ".";
	return r;
}

static int check_entry(struct img_tree *t, struct archive_entry *en, const struct img_place *p, struct err *e)
{
	int64_t uid = archive_entry_uid(en), gid = archive_entry_gid(en);

	if (++t->counts.entries + t->counts.implied > t->limits->entries)
		return too_many(t, e);
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return img_bad(p, e, "has an owner that cannot be");
	return 0;
}

/* The first component that is a whiteout and has something below it. */
static const char *below_whiteout(const char *path)
{
	for (const char *p = path, *slash; (slash = strchr(p, '/')); p = slash + 1)
		if (text_starts(p, IMG_WHITEOUT))
			return p;
	return NULL;
}

int img_tree_add(struct img_tree *t, struct img_stream *s, struct archive_entry *en, struct err *e)
{
	const char *name = archive_entry_pathname(en), *target = archive_entry_hardlink(en);
	char path[PATH_MAX];
	struct img_place p = { .path = path };
	const char *hidden;
	int r = name ? img_clean_name(name, path, e) : err_set(e, EINVAL, "has an entry whose name cannot be read");

	if (!r)
		r = check_entry(t, en, &p, e);
	if (r < 0)
		return r;
	hidden = t->literal ? NULL : below_whiteout(path);
	if (hidden) /* aufs keeps notes to itself so; in other whiteouts nothing can be */
		return text_starts(hidden, IMG_WHITEOUT IMG_WHITEOUT) ? 0 : img_bad(&p, e, "is below a whiteout");
	r = locate(t, &p, e);
	if (r < 0)
		return r;
	if (!t->literal && text_starts(p.name, IMG_WHITEOUT))
		return img_make_whiteout(&p, e);
	if (target)
		return img_make_hardlink(t, target, &p, e);
	for (const struct img_maker *m = img_makers; m->make; m++)
		if (m->type == archive_entry_filetype(en))
			return m->make(t, s, en, &p, e);
	return img_bad(&p, e, "is of a kind that kist does not unpack");
}

int img_tree_finish(struct img_tree *t, struct err *e)
{
	for (struct img_later *l = t->later; l; l = l->next) {
		auto_fd dir = img_open_beneath(t, l->path, O_RDONLY);

		/* One that a later entry replaced has the times of that entry. */
		if (dir >= 0 && futimens(dir, l->times) < 0)
			return err_sys(e, "set the time of the directory \"%s\"", l->path);
	}
	t->later = NULL;
	return 0;
}

int img_unpack(struct img_tree *t, struct img_stream *s, struct err *e)
{
	struct archive_entry *en;
	int r;

	while ((r = img_stream_next(s, &en, e)) > 0) {
		r = img_tree_add(t, s, en, e);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : img_tree_finish(t, e);
}
