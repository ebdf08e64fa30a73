/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "images/linked.h"
#include "images/unpack.h"

enum { CHUNK = 1 << 16, DEPTH = 1024 };

struct walk {
	struct archive *w;
	struct arena arena; /* names, of what is not finished and of hard links */
	struct img_linked linked;
	bool layer;
	char *chunk;
};

/* A directory as several layers have it, the top one first. */
struct level {
	const char *path; /* "" at the root */
	const int *dirs;
	size_t n, depth;
};

static int bad(const char *what, const char *path, int code, struct err *e)
{
	char shown[JSON_SHOWN];

	return err_num(e, -code, "%s /%s", what, json_shown(shown, path));
}

static int bad_archive(struct archive *w, struct err *e)
{
	int code = archive_errno(w);

	return err_set(e, code > 0 ? code : EIO, "write the archive: %s", archive_error_string(w));
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static bool is_opaque(int dir)
{
	char value = 0;

	return fgetxattr(dir, IMG_OPAQUE, &value, 1) == 1 && value == 'y';
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int add_names(struct walk *k, int dir, struct strv *names)
{
	int copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);

	if (!d)
		return copy < 0 ? copy : -errno;
	for (const struct dirent *n = readdir(d); n; n = readdir(d))
		if (strcmp(n->d_name, ".") != 0 && strcmp(n->d_name, "..") != 0)
			strv_add(names, arena_strdup(&k->arena, n->d_name));
	closedir(d);
	return 0;
}

/* The names of all layers, sorted, each once. */
static int list_names(struct walk *k, const struct level *l, struct strv *names)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; !r && i < l->n; i++)
		r = add_names(k, l->dirs[i], names);
	if (r < 0 || !names->len)
		return r;
	qsort(names->at, names->len, sizeof(*names->at), compare);
	for (size_t i = 1; i < names->len; i++)
		if (strcmp(names->at[kept], names->at[i]) != 0)
			names->at[++kept] = names->at[i];
	names->len = kept + 1;
	return 0;
}

static int add_xattrs(struct archive_entry *en, int fd, const char *path, struct err *e)
{
	char names[65536], value[65536];
	ssize_t n = flistxattr(fd, names, sizeof(names));

	if (n < 0)
		return errno == ENOTSUP ? 0 : bad("list the extended attributes of", path, errno, e);
	for (const char *p = names; p < names + n; p += strlen(p) + 1) {
		ssize_t len = img_xattr_allowed(p) ? fgetxattr(fd, p, value, sizeof(value)) : -1;

		if (len >= 0)
			archive_entry_xattr_add_entry(en, p, value, (size_t)len);
		else if (img_xattr_allowed(p))
			return bad("read an extended attribute of", path, errno, e);
	}
	return 0;
}

static int write_header(struct walk *k, struct archive_entry *en, struct err *e)
{
	int r = archive_write_header(k->w, en);

	return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 0 : bad_archive(k->w, e);
}

/* Holes need not be written where the archive can say where they are. */
static void add_holes(struct archive_entry *en, int fd, const struct stat *st)
{
	off_t at = 0;

	if (st->st_blocks * 512 >= st->st_size)
		return;
	while (at < st->st_size) {
		off_t data = lseek(fd, at, SEEK_DATA), end = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);

		if (data < 0 || end < 0)
			break;
		archive_entry_sparse_add_entry(en, data, end - data);
		at = end;
	}
	if (archive_entry_sparse_count(en) == 0)
		archive_entry_sparse_add_entry(en, st->st_size, 0);
}

/* A file that grows or shrinks meanwhile has the size that its header says. */
static int write_data(struct walk *k, int fd, const char *path, const struct stat *st, struct err *e)
{
	for (off_t at = 0; at < st->st_size;) {
		size_t want = st->st_size - at < CHUNK ? (size_t)(st->st_size - at) : CHUNK;
		ssize_t n = pread(fd, k->chunk, want, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bad("read", path, errno, e);
		if (!n)
			return bad("read, as it became shorter,", path, EIO, e);
		if (archive_write_data(k->w, k->chunk, (size_t)n) != n)
			return bad_archive(k->w, e);
		at += n;
	}
	return 0;
}

static int pack_file(struct walk *k, struct archive_entry *en, int dir, const char *name, const struct stat *st, struct err *e)
{
	const char *path = archive_entry_pathname(en);
	auto_fd fd = fd_open(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	int r;

	if (fd < 0)
		return bad("open", path, -fd, e);
	r = add_xattrs(en, fd, path, e);
	add_holes(en, fd, st);
	if (!r)
		r = write_header(k, en, e);
	return r < 0 ? r : write_data(k, fd, path, st, e);
}

static int pack_link(struct walk *k, struct archive_entry *en, int dir, const char *name, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return bad("read the link", archive_entry_pathname(en), errno, e);
	target[n] = 0;
	archive_entry_set_symlink(en, target);
	return write_header(k, en, e);
}

static int pack_mark(struct walk *k, const char *path, struct err *e)
{
	struct archive_entry *en = archive_entry_new();
	int r;

	archive_entry_set_pathname(en, path);
	archive_entry_set_mode(en, AE_IFREG | 0600);
	archive_entry_set_size(en, 0);
	r = write_header(k, en, e);
	archive_entry_free(en);
	return r;
}

static void describe(struct archive_entry *en, const char *path, const struct stat *st)
{
	archive_entry_set_pathname(en, path);
	archive_entry_set_mode(en, st->st_mode);
	archive_entry_set_uid(en, st->st_uid);
	archive_entry_set_gid(en, st->st_gid);
	archive_entry_set_mtime(en, st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	archive_entry_set_size(en, S_ISREG(st->st_mode) ? st->st_size : 0);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		archive_entry_set_rdev(en, st->st_rdev);
}

static int pack_leaf(struct walk *k, const struct level *l, int dir, const char *name, const struct stat *st, struct err *e)
{
	const char *path = arena_printf(&k->arena, "%s%s%s", l->path, *l->path ? "/" : "", name), *first;
	struct archive_entry *en;
	int r;

	if (is_whiteout(st))
		return pack_mark(k, arena_printf(&k->arena, "%s%s" IMG_WHITEOUT "%s", l->path, *l->path ? "/" : "", name), e);
	if (S_ISSOCK(st->st_mode))
		return 0; /* it means nothing without its process, and an archive cannot hold it */
	en = archive_entry_new();
	describe(en, path, st);
	first = img_linked(&k->linked, &k->arena, st, path);
	if (first) {
		archive_entry_set_hardlink(en, first);
		archive_entry_set_size(en, 0);
		r = write_header(k, en, e);
	} else {
		r = S_ISREG(st->st_mode) ? pack_file(k, en, dir, name, st, e)
		    : S_ISLNK(st->st_mode) ? pack_link(k, en, dir, name, e) : write_header(k, en, e);
	}
	archive_entry_free(en);
	return r;
}

static int pack_dir(struct walk *k, const struct level *l, struct err *e);

static void close_all(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fd_done(&fds[i]);
}

/* The directories that merge into one: from layer `from` down to where one of them hides the rest. */
static int pack_merged(struct walk *k, const struct level *l, size_t from, const char *name, struct err *e)
{
	int *dirs = arena_array(&k->arena, l->n, sizeof(int));
	struct level sub = { arena_printf(&k->arena, "%s%s%s", l->path, *l->path ? "/" : "", name), dirs, 0, l->depth + 1 };
	int r = 0;

	if (sub.depth > DEPTH)
		return bad("go deeper into", sub.path, ELOOP, e);
	for (size_t i = from; i < l->n; i++) {
		struct stat st;
		int fd;

		if (fstatat(l->dirs[i], name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!S_ISDIR(st.st_mode))
			break;
		fd = fd_open(l->dirs[i], name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (fd < 0) {
			r = bad("open", sub.path, -fd, e);
			break;
		}
		dirs[sub.n++] = fd;
		if (is_opaque(fd))
			break;
	}
	if (!r)
		r = pack_dir(k, &sub, e);
	close_all(dirs, sub.n);
	return r;
}

static int pack_name(struct walk *k, const struct level *l, const char *name, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		struct stat st;

		if (fstatat(l->dirs[i], name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			return pack_merged(k, l, i, name, e);
		return is_whiteout(&st) && !k->layer ? 0 : pack_leaf(k, l, l->dirs[i], name, &st, e);
	}
	return 0;
}

static int pack_dir(struct walk *k, const struct level *l, struct err *e)
{
	struct archive_entry *en = archive_entry_new();
	struct strv names = { .arena = &k->arena };
	struct stat st;
	int r = fstat(l->dirs[0], &st) < 0 ? bad("look at", l->path, errno, e) : 0;

	describe(en, *l->path ? l->path : "./", &st);
	if (!r)
		r = add_xattrs(en, l->dirs[0], l->path, e);
	if (!r)
		r = write_header(k, en, e);
	archive_entry_free(en);
	if (!r && k->layer && is_opaque(l->dirs[0]))
		r = pack_mark(k, arena_printf(&k->arena, "%s%s" IMG_WHITEOUT_OPAQUE, l->path, *l->path ? "/" : ""), e);
	if (r < 0)
		return r;
	r = list_names(k, l, &names);
	if (r < 0)
		return bad("list", l->path, -r, e);
	for (size_t i = 0; !r && i < names.len; i++)
		r = pack_name(k, l, names.at[i], e);
	return r;
}

int img_pack_into(struct archive *w, const struct img_pack *p, struct err *e)
{
	struct walk k = { .w = w, .layer = p->layer };
	const struct level top = { "", p->roots, p->n, 0 };
	int r;

	k.chunk = arena_alloc(&k.arena, CHUNK);
	r = pack_dir(&k, &top, e);
	arena_done(&k.arena);
	return r;
}

int img_pack(int fd, const struct img_pack *p, struct err *e)
{
	struct archive *w = archive_write_new();
	int r;

	if (!w)
		return err_set(e, ENOMEM, "libarchive has no memory");
	archive_write_set_format_pax(w);
	r = archive_write_open_fd(w, fd) == ARCHIVE_OK ? img_pack_into(w, p, e) : bad_archive(w, e);
	if (r < 0)
		archive_write_fail(w);
	else if (archive_write_close(w) != ARCHIVE_OK)
		r = bad_archive(w, e);
	archive_write_free(w);
	return r;
}
