/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the file of an entry at its place, of every kind that a layer may have. */
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "images/place.h"
#include "storage/objects.h"

static bool whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

bool img_is_whiteout(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && whiteout(&st);
}

/* As tar does: what comes later replaces what is there, but a directory stays one. */
static int clear(struct img_tree *t, struct img_place *p, bool keep_dir, struct err *e)
{
	struct stat st;

	if (!strcmp(p->name, "."))
		return keep_dir ? 0 : img_bad(p, e, "would replace the root directory");
	if (fstatat(p->parent, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : img_bad_sys(p, e, "look at");
	if (keep_dir && S_ISDIR(st.st_mode))
		return 0;
	p->over_whiteout = whiteout(&st);
	if (S_ISDIR(st.st_mode))
		t->stale = true; /* the parent kept open may be below what goes now */
	errno = -st_remove_tree(p->parent, p->name);
	return errno ? img_bad_sys(p, e, "replace") : 0;
}

static void times_of(struct archive_entry *en, struct timespec out[2])
{
	out[1].tv_sec = archive_entry_mtime(en);
	out[1].tv_nsec = archive_entry_mtime_nsec(en);
	out[0] = out[1];
}

static int set_xattrs(int fd, struct archive_entry *en, const struct img_place *p, struct err *e)
{
	const char *name;
	const void *value;
	size_t len;

	archive_entry_xattr_reset(en);
	while (archive_entry_xattr_next(en, &name, &value, &len) == 0) {
		if (!name || !img_xattr_allowed(name))
			continue;
		if (fsetxattr(fd, name, value, len, 0) < 0)
			return img_bad_sys(p, e, "set an extended attribute of");
	}
	return 0;
}

/* Owner first: chown(2) takes setuid bits and capabilities away. */
static int dress(int fd, struct archive_entry *en, const struct img_place *p, struct err *e)
{
	if (fchown(fd, (uid_t)archive_entry_uid(en), (gid_t)archive_entry_gid(en)) < 0)
		return img_bad_sys(p, e, "set the owner of");
	if (fchmod(fd, archive_entry_perm(en)) < 0)
		return img_bad_sys(p, e, "set the mode of");
	return set_xattrs(fd, en, p, e);
}

static int dress_special(struct archive_entry *en, const struct img_place *p, bool link, struct err *e)
{
	struct timespec times[2];

	times_of(en, times);
	if (fchownat(p->parent, p->name, (uid_t)archive_entry_uid(en), (gid_t)archive_entry_gid(en), AT_SYMLINK_NOFOLLOW) < 0)
		return img_bad_sys(p, e, "set the owner of");
	if (!link && fchmodat(p->parent, p->name, archive_entry_perm(en), 0) < 0)
		return img_bad_sys(p, e, "set the mode of");
	if (utimensat(p->parent, p->name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return img_bad_sys(p, e, "set the time of");
	return 0;
}

static int set_opaque(int parent, const char *name)
{
	auto_fd dir = fd_open(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (dir < 0)
		return dir;
	return fsetxattr(dir, IMG_OPAQUE, "y", 1, 0) < 0 ? -errno : 0;
}

/* What has to be remembered to the end is bounded: five million long names are gigabytes. */
int img_remember(struct img_tree *t, const char *path, const struct timespec times[2], struct err *e)
{
	enum { REMEMBERED = 256 << 20 };
	struct img_later *later;

	t->remembered += sizeof(*later) + strlen(path);
	if (t->remembered > REMEMBERED)
		return err_set(e, EFBIG, "has directories whose names are more than %d MiB together", REMEMBERED >> 20);
	later = arena_alloc(t->arena, sizeof(*later));
	later->path = arena_strdup(t->arena, path);
	memcpy(later->times, times, sizeof(later->times));
	*t->later_end = later;
	t->later_end = &later->next;
	return 0;
}

static int make_dir(struct img_tree *t, struct img_stream *s, struct archive_entry *en, struct img_place *p, struct err *e)
{
	struct timespec times[2];
	auto_fd dir = -1;
	int r = clear(t, p, true, e);

	(void)s;
	if (r < 0)
		return r;
	if (mkdirat(p->parent, p->name, 0700) < 0 && errno != EEXIST)
		return img_bad_sys(p, e, "make the directory");
	dir = openat(p->parent, p->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return img_bad_sys(p, e, "open the directory");
	if (p->over_whiteout && fsetxattr(dir, IMG_OPAQUE, "y", 1, 0) < 0)
		return img_bad_sys(p, e, "hide what is below");
	times_of(en, times);
	r = img_remember(t, p->path, times, e);
	return r < 0 ? r : dress(dir, en, p, e);
}

/* Holes stay holes; a file that ends in one gets its length. */
static int write_data(struct img_tree *t, struct img_stream *s, struct archive_entry *en, int fd, const struct img_place *p,
		      struct err *e)
{
	int64_t size = archive_entry_size(en), end = 0, offset;
	const void *data;
	size_t len;
	int r;

	if (size < 0 || (uint64_t)size > t->limits->bytes)
		return img_bad(p, e, "is larger than --max-size allows");
	while ((r = img_stream_data(s, &data, &len, &offset, e)) > 0) {
		if (offset < end || (int64_t)len > size - offset)
			return img_bad(p, e, "has data outside of its size");
		for (size_t done = 0; done < len;) {
			ssize_t n = pwrite(fd, (const char *)data + done, len - done, offset + (int64_t)done);

			if (n < 0 && errno != EINTR)
				return img_bad_sys(p, e, "write");
			done += n > 0 ? (size_t)n : 0;
		}
		end = offset + (int64_t)len;
		t->counts.bytes += len;
	}
	if (!r && end < size && ftruncate(fd, size) < 0)
		return img_bad_sys(p, e, "set the size of");
	return r;
}

static int make_file(struct img_tree *t, struct img_stream *s, struct archive_entry *en, struct img_place *p, struct err *e)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	auto_fd fd = openat(p->parent, p->name, FLAGS, 0600);
	struct timespec times[2];
	int r = 0;

	if (fd < 0 && (errno == EEXIST || errno == EISDIR)) {
		r = clear(t, p, false, e);
		fd = r < 0 ? -1 : openat(p->parent, p->name, FLAGS, 0600);
	}
	if (r < 0)
		return r;
	if (fd < 0)
		return img_bad_sys(p, e, "make the file");
	r = write_data(t, s, en, fd, p, e);
	if (!r)
		r = dress(fd, en, p, e);
	times_of(en, times);
	if (!r && futimens(fd, times) < 0)
		return img_bad_sys(p, e, "set the time of");
	return r;
}

static int make_symlink(struct img_tree *t, struct img_stream *s, struct archive_entry *en, struct img_place *p, struct err *e)
{
	const char *target = archive_entry_symlink(en);
	int r = clear(t, p, false, e);

	(void)s;
	if (r < 0)
		return r;
	if (!target || !*target || strlen(target) >= PATH_MAX)
		return img_bad(p, e, "is a symbolic link to nothing that can be");
	if (symlinkat(target, p->parent, p->name) < 0)
		return img_bad_sys(p, e, "make the symbolic link");
	return dress_special(en, p, true, e);
}

static int make_node(struct img_tree *t, struct img_stream *s, struct archive_entry *en, struct img_place *p, struct err *e)
{
	dev_t dev = archive_entry_filetype(en) == AE_IFIFO ? 0 : archive_entry_rdev(en);
	int r;

	(void)s;
	if (archive_entry_filetype(en) == AE_IFCHR && !dev)
		return img_bad(p, e, "is a device 0:0, by which overlayfs would mean that nothing is there");
	r = clear(t, p, false, e);
	if (r < 0)
		return r;
	if (mknodat(p->parent, p->name, archive_entry_filetype(en) | 0600, dev) < 0)
		return img_bad_sys(p, e, "make the device or fifo");
	return dress_special(en, p, false, e);
}

/* The target is an earlier entry of this layer, reached as every parent is. */
int img_make_hardlink(struct img_tree *t, const char *target, struct img_place *p, struct err *e)
{
	char clean[PATH_MAX], *slash;
	auto_fd dir = -1;
	int r = img_clean_name(target, clean, e);

	if (!r && strcmp(clean, p->path) == 0 && faccessat(p->parent, p->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (!r)
		r = clear(t, p, false, e);
	if (r < 0)
		return r;
	slash = strrchr(clean, '/');
	if (slash)
		*slash = 0;
	dir = img_open_beneath(t, slash ? clean : "", O_PATH);
	if (dir == -ELOOP || dir == -EXDEV)
		return img_bad(p, e, "is a hard link through a symbolic link");
	errno = dir < 0 ? -dir : 0;
	if (dir >= 0 && img_is_whiteout(dir, slash ? slash + 1 : clean))
		errno = ENOENT;
	if (errno || linkat(dir, slash ? slash + 1 : clean, p->parent, p->name, 0) < 0)
		return errno == ENOENT ? img_bad(p, e, "is a hard link to what is not in the layer")
				       : img_bad_sys(p, e, "make the hard link");
	return 0;
}

/* A whiteout hides what lower layers have, not what its own layer has, whichever comes first. */
int img_make_whiteout(const struct img_place *p, struct err *e)
{
	const char *hidden = p->name + sizeof(IMG_WHITEOUT) - 1;
	struct stat st;
	int r = 0;

	if (!strcmp(p->name, IMG_WHITEOUT_OPAQUE))
		r = set_opaque(p->parent, ".");
	else if (text_starts(hidden, IMG_WHITEOUT))
		return 0; /* other notes of aufs to itself */
	else if (!*hidden || !strcmp(hidden, ".") || !strcmp(hidden, ".."))
		return img_bad(p, e, "hides nothing that can be");
	else if (mknodat(p->parent, hidden, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	else if (errno != EEXIST || fstatat(p->parent, hidden, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	else if (S_ISDIR(st.st_mode))
		r = set_opaque(p->parent, hidden);
	errno = -r;
	return r < 0 ? img_bad_sys(p, e, "apply the whiteout") : 0;
}

const struct img_maker img_makers[] = {
	{ AE_IFREG, make_file }, { AE_IFDIR, make_dir },  { AE_IFLNK, make_symlink },
	{ AE_IFCHR, make_node }, { AE_IFBLK, make_node }, { AE_IFIFO, make_node },
	{ 0, NULL },
};

