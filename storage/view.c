/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/view.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/text.h"

enum { MAX_LINKS = 40 };

void st_view_done(struct st_view *v)
{
	for (size_t i = 0; i < v->n; i++)
		fd_done(&v->at[i]);
	v->n = 0;
}

static struct st_view take(struct st_view *v)
{
	struct st_view r = *v;

	v->n = 0;
	return r;
}

/* Three directories are open at a time, with a part for every layer, and 1024 descriptors are what a login gives. */
static void make_room(size_t layers)
{
	struct rlimit l;

	if (layers < 200 || getrlimit(RLIMIT_NOFILE, &l) < 0)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

int st_view_open(struct arena *a, const strings *layers, struct st_view *out)
{
	auto_view v = { .at = arena_array(a, layers->len, sizeof(int)) };

	make_room(layers->len);

	for (size_t i = 0; i < layers->len; i++) {
		int fd = fd_open(AT_FDCWD, layers->at[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

		if (fd < 0)
			return fd;
		v.at[v.n++] = fd;
	}
	*out = take(&v);
	return 0;
}

static int copy(struct arena *a, const struct st_view *from, struct st_view *out)
{
	auto_view v = { .at = arena_array(a, from->n, sizeof(int)) };

	for (size_t i = 0; i < from->n; i++) {
		int fd = fcntl(from->at[i], F_DUPFD_CLOEXEC, 3);

		if (fd < 0)
			return -errno;
		v.at[v.n++] = fd;
	}
	*out = take(&v);
	return 0;
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static bool is_opaque(int dir)
{
	char c;

	return fgetxattr(dir, "trusted.overlay.opaque", &c, 1) == 1 && c == 'y';
}

/* One part of a directory more.  0 when parts below it count too, 1 when it is the last. */
static int add_part(struct st_view *sub, int dir, const char *name)
{
	int fd = fd_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (fd < 0)
		return fd;
	sub->at[sub->n++] = fd;
	return is_opaque(fd);
}

int st_view_look(struct arena *a, const struct st_view *dir, const char *name, struct st_entry *out)
{
	struct st_entry found = { .part = 0 };
	auto_view sub = { .at = arena_array(a, dir->n, sizeof(int)) };
	int r = 0;

	for (size_t i = 0; i < dir->n && !r; i++) {
		struct stat st;

		if (fstatat(dir->at[i], name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			r = errno == ENOENT ? 0 : -errno;
			continue;
		}
		if (is_whiteout(&st))
			break;
		if (!sub.n) {
			found.st = st;
			found.part = i;
		}
		r = S_ISDIR(st.st_mode) ? add_part(&sub, dir->at[i], name) : 1; /* what is no directory ends a directory above it */
	}
	if (r < 0)
		return r;
	if (!found.st.st_mode)
		return -ENOENT;
	found.sub = take(&sub);
	*out = found;
	return 0;
}

/* `done` holds no links, so that ".." in what a link says can be taken lexically. */
static int follow(struct arena *a, int dir, const char *name, const char *done, const char *rest, const char **path)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	if (n == sizeof(target) - 1)
		return -ENAMETOOLONG;
	target[n] = 0;
	*path = arena_printf(a, "%s/%s/%s", *target == '/' ? "" : done, target, rest);
	return strlen(*path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

struct walk {
	struct arena *a;
	const struct st_view *root;
	struct st_view *parent;
	const char *name;
	struct st_entry here;
	const char *path; /* what a link has put in the place of the path */
};

/* Steps over the parts of a clean path.  1 when a link was met, and w->path is where to go on from the root. */
static int pass(struct walk *w, const char *path)
{
	const char *done = "";

	for (const char *p = path + 1; *p;) {
		size_t n = strcspn(p, "/");
		int r;

		w->name = arena_strndup(w->a, p, n);
		st_view_done(w->parent);
		*w->parent = take(&w->here.sub);
		if (!S_ISDIR(w->here.st.st_mode))
			return -ENOTDIR;
		r = st_view_look(w->a, w->parent, w->name, &w->here);
		if (r < 0)
			return r;
		p += n + (p[n] == '/');
		if (S_ISLNK(w->here.st.st_mode)) {
			r = follow(w->a, w->parent->at[w->here.part], w->name, done, p, &w->path);
			return r < 0 ? r : 1;
		}
		done = arena_printf(w->a, "%s/%s", done, w->name);
	}
	return 0;
}

static int from_root(struct walk *w)
{
	st_view_done(w->parent);
	st_view_done(&w->here.sub);
	w->name = "";
	if (!w->root->n)
		return -ENOENT;
	if (fstat(w->root->at[0], &w->here.st) < 0)
		return -errno;
	return copy(w->a, w->root, &w->here.sub);
}

int st_view_walk(struct arena *a, const struct st_view *root, const char *path, struct st_view *parent, const char **name,
		 struct st_entry *out)
{
	auto_view last = { 0 };
	struct walk w = { .a = a, .root = root, .parent = &last, .path = path };
	int r = 1;

	for (int links = 0; r == 1; links++) {
		r = links > MAX_LINKS ? -ELOOP : from_root(&w);
		if (!r)
			r = pass(&w, path_clean(a, w.path));
	}
	if (r < 0) {
		st_view_done(&w.here.sub);
		return r;
	}
	*parent = take(&last);
	*name = w.name;
	*out = w.here;
	return 0;
}

int st_view_read(struct arena *a, const struct st_view *root, const char *path, size_t max, char **out, size_t *len)
{
	auto_view parent = { 0 };
	struct st_entry found;
	const char *name;
	int r = st_view_walk(a, root, path, &parent, &name, &found);

	if (r < 0)
		return r;
	st_view_done(&found.sub);
	if (!S_ISREG(found.st.st_mode))
		return -EINVAL;
	return file_read(a, parent.at[found.part], name, max, out, len);
}

struct names {
	struct arena *a;
	struct {
		const char *name;
		size_t part;
		bool whiteout;
	} *at;
	size_t n;
};

static void add_name(struct names *l, const char *name, size_t part, bool whiteout)
{
	l->at = arena_grow(l->a, l->at, l->n, sizeof(*l->at));
	l->at[l->n].name = arena_strdup(l->a, name);
	l->at[l->n].part = part;
	l->at[l->n++].whiteout = whiteout;
}

static int list_part(struct names *l, int dir, size_t part)
{
	/* A descriptor of its own: the position of reading belongs to the open file. */
	int fd = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return fd < 0 ? fd : -errno;
	for (struct dirent *n = readdir(d); n; n = readdir(d)) {
		struct stat st = { 0 };

		if (!strcmp(n->d_name, ".") || !strcmp(n->d_name, ".."))
			continue;
		if (n->d_type == DT_CHR || n->d_type == DT_UNKNOWN)
			(void)fstatat(dir, n->d_name, &st, AT_SYMLINK_NOFOLLOW);
		add_name(l, n->d_name, part, is_whiteout(&st));
	}
	closedir(d);
	return 0;
}

static int by_name(const void *x, const void *y)
{
	const struct names *none = NULL;
	const __typeof__(*none->at) *a = x, *b = y;
	int r = strcmp(a->name, b->name);

	return r ? r : a->part < b->part ? -1 : a->part > b->part;
}

int st_view_names(struct arena *a, const struct st_view *dir, strings *out)
{
	struct names l = { .a = a };
	strings s = { 0 };

	for (size_t i = 0; i < dir->n; i++) {
		int r = list_part(&l, dir->at[i], i);

		if (r < 0)
			return r;
	}
	if (l.n)
		qsort(l.at, l.n, sizeof(*l.at), by_name);
	s.at = arena_array(a, l.n + 1, sizeof(*s.at));
	for (size_t i = 0; i < l.n; i++)
		if ((!i || strcmp(l.at[i].name, l.at[i - 1].name) != 0) && !l.at[i].whiteout)
			s.at[s.len++] = l.at[i].name;
	*out = s;
	return 0;
}
