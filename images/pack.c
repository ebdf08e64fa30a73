/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "images/sink.h"
#include "images/unpack.h"
#include "storage/linked.h"

enum { CHUNK = 1 << 16, DEPTH = 1024, HOLE = 64 << 20 };

struct walk {
	struct archive *w;
	struct arena arena; /* names of hard links */
	struct st_linked linked;
	bool layer;
	const strings *omit;
	char *chunk;
	const char *hole; /* zeros; mapped, and never touched */
};

/* A directory on its way into the archive. */
struct level {
	const char *path; /* "" at the root */
	const struct st_view *dir;
	size_t depth;
};

static int bad(const char *what, const char *path, int code, struct err *e)
{
	char shown[JSON_SHOWN];

	return err_num(e, -code, "%s /%s", what, json_shown(shown, path));
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

static const char *below(struct arena *a, const struct level *l, const char *mark, const char *name)
{
	return arena_printf(a, "%s%s%s%s", l->path, *l->path ? "/" : "", mark, name);
}

/* Of a layer all names count, of a view those that it shows; both sorted. */
static int list_names(struct walk *k, struct arena *a, const struct st_view *dir, strings *out)
{
	struct strv names = { .arena = a };
	int copy;
	DIR *d;

	if (!k->layer)
		return st_view_names(a, dir, out);
	copy = fd_open(dir->at[0], ".", O_RDONLY | O_DIRECTORY);
	d = copy < 0 ? NULL : fdopendir(copy);
	if (!d)
		return copy < 0 ? copy : -errno;
	for (const struct dirent *n = readdir(d); n; n = readdir(d))
		if (strcmp(n->d_name, ".") != 0 && strcmp(n->d_name, "..") != 0)
			strv_add(&names, arena_strdup(a, n->d_name));
	closedir(d);
	if (names.len)
		qsort(names.at, names.len, sizeof(*names.at), compare);
	*out = (strings){ names.at, names.len };
	return 0;
}

static int look(struct walk *k, struct arena *a, const struct st_view *dir, const char *name, struct st_entry *out)
{
	if (!k->layer || fstatat(dir->at[0], name, &out->st, AT_SYMLINK_NOFOLLOW) < 0 || !is_whiteout(&out->st))
		return st_view_look(a, dir, name, out);
	out->part = 0;
	out->sub = (struct st_view){ 0, NULL };
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

	return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 0 : img_bad_write(k->w, e);
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

/* libarchive wants to be told what it leaves out, but reads nothing of it. */
static int skip(struct walk *k, off_t n, struct err *e)
{
	for (size_t part; n > 0; n -= (off_t)part) {
		part = n < HOLE ? (size_t)n : HOLE;
		if (archive_write_data(k->w, k->hole, part) != (la_ssize_t)part)
			return img_bad_write(k->w, e);
	}
	return 0;
}

/* A file that grows or shrinks meanwhile has the size that its header says. */
static int write_part(struct walk *k, int fd, const char *path, off_t at, off_t end, struct err *e)
{
	while (at < end) {
		size_t want = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t n = pread(fd, k->chunk, want, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bad("read", path, errno, e);
		if (!n)
			return bad("read, as it became shorter,", path, EIO, e);
		if (archive_write_data(k->w, k->chunk, (size_t)n) != n)
			return img_bad_write(k->w, e);
		at += n;
	}
	return 0;
}

/* Holes are not read: a file of terabytes may be nothing else, and its instance stands still meanwhile. */
static int write_data(struct walk *k, struct archive_entry *en, int fd, const struct stat *st, struct err *e)
{
	const char *path = archive_entry_pathname(en);
	la_int64_t from, len;
	off_t at = 0;
	int r = 0;

	if (!archive_entry_sparse_reset(en))
		return write_part(k, fd, path, 0, st->st_size, e);
	while (!r && archive_entry_sparse_next(en, &from, &len) == ARCHIVE_OK) {
		r = skip(k, from - at, e);
		at = from + len;
		if (!r)
			r = write_part(k, fd, path, from, at, e);
	}
	return r < 0 ? r : skip(k, st->st_size - at, e);
}

static int pack_file(struct walk *k, struct archive_entry *en, int dir, const char *name, const struct stat *st, struct err *e)
{
	const char *path = archive_entry_pathname(en);
	auto_fd fd = fd_open_regular(dir, name);
	int r;

	if (fd < 0)
		return bad("open", path, -fd, e);
	r = add_xattrs(en, fd, path, e);
	add_holes(en, fd, st);
	if (!r)
		r = write_header(k, en, e);
	return r < 0 ? r : write_data(k, en, fd, st, e);
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

static int pack_leaf(struct walk *k, int dir, const char *name, const char *path, const struct st_entry *entry, struct err *e)
{
	const char *first;
	struct archive_entry *en;
	int r;

	if (S_ISSOCK(entry->st.st_mode))
		return 0; /* it means nothing without its process, and an archive cannot hold it */
	first = st_linked(&k->linked, &k->arena, &entry->st, entry->st.st_nlink > 1 ? arena_strdup(&k->arena, path) : path);
	en = archive_entry_new();
	describe(en, path, &entry->st);
	if (first) {
		archive_entry_set_hardlink(en, first);
		archive_entry_set_size(en, 0);
		r = write_header(k, en, e);
	} else {
		r = S_ISREG(entry->st.st_mode) ? pack_file(k, en, dir, name, &entry->st, e)
		    : S_ISLNK(entry->st.st_mode) ? pack_link(k, en, dir, name, e) : write_header(k, en, e);
	}
	archive_entry_free(en);
	return r;
}

static bool is_omitted(const struct walk *k, const char *path, const struct stat *st)
{
	for (size_t i = 0; k->omit && S_ISREG(st->st_mode) && !st->st_size && i < k->omit->len; i++)
		if (!strcmp(k->omit->at[i], path))
			return true;
	return false;
}

static int pack_dir(struct walk *k, const struct level *l, struct err *e);

static int pack_name(struct walk *k, const struct level *l, const char *name, struct err *e)
{
	auto_arena mine = { 0 };
	struct st_entry entry = { .part = 0 };
	int r = look(k, &mine, l->dir, name, &entry);
	auto_view sub = entry.sub;
	const struct level deeper = { below(&mine, l, "", name), &sub, l->depth + 1 };

	if (r < 0)
		return bad("look at", deeper.path, -r, e);
	if (is_omitted(k, deeper.path, &entry.st))
		return 0;
	if (is_whiteout(&entry.st))
		return pack_mark(k, below(&mine, l, IMG_WHITEOUT, name), e);
	if (!S_ISDIR(entry.st.st_mode))
		return pack_leaf(k, l->dir->at[entry.part], name, deeper.path, &entry, e);
	return deeper.depth > DEPTH ? bad("go deeper into", deeper.path, ELOOP, e) : pack_dir(k, &deeper, e);
}

static int pack_dir(struct walk *k, const struct level *l, struct err *e)
{
	auto_arena mine = { 0 };
	struct archive_entry *en = archive_entry_new();
	int dir = l->dir->at[0], r;
	strings names = { NULL, 0 };
	struct stat st;

	r = fstat(dir, &st) < 0 ? bad("look at", l->path, errno, e) : 0;
	describe(en, *l->path ? l->path : "./", &st);
	if (!r)
		r = add_xattrs(en, dir, l->path, e);
	if (!r)
		r = write_header(k, en, e);
	archive_entry_free(en);
	if (!r && k->layer && is_opaque(dir))
		r = pack_mark(k, below(&mine, l, "", IMG_WHITEOUT_OPAQUE), e);
	if (r < 0)
		return r;
	r = list_names(k, &mine, l->dir, &names);
	if (r < 0)
		return bad("list", l->path, -r, e);
	for (size_t i = 0; !r && i < names.len; i++)
		r = pack_name(k, l, names.at[i], e);
	return r;
}

static int pack_all(struct archive *w, const struct st_view *root, enum img_pack_as as, const strings *omit, struct err *e)
{
	struct walk k = { .w = w, .layer = as == IMG_PACK_LAYER, .omit = omit };
	const struct level top = { "", root, 0 };
	void *hole = mmap(NULL, HOLE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int r;

	if (hole == MAP_FAILED)
		return err_sys(e, "map zeros");
	k.hole = hole;
	k.chunk = arena_alloc(&k.arena, CHUNK);
	r = pack_dir(&k, &top, e);
	arena_done(&k.arena);
	munmap(hole, HOLE);
	return r;
}

int img_pack(int fd, const struct st_view *root, enum img_pack_as as, const strings *omit, struct err *e)
{
	struct archive *w = archive_write_new();
	int r;

	if (!w)
		return err_set(e, ENOMEM, "libarchive has no memory");
	archive_write_set_format_pax(w);
	archive_write_set_format_option(w, "pax", "xattrheader", "SCHILY"); /* tar complains of the other form */
	r = archive_write_open_fd(w, fd) == ARCHIVE_OK ? pack_all(w, root, as, omit, e) : img_bad_write(w, e);
	if (r < 0)
		archive_write_fail(w);
	else if (archive_write_close(w) != ARCHIVE_OK)
		r = img_bad_write(w, e);
	archive_write_free(w);
	return r;
}
