/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that makes the copies. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "instances/carry.h"
#include "instances/parcel.h"

struct level {
	int fd;
	bool made;
	struct parcel p; /* attributes, which come last; its texts are gone by then */
	struct arena arena; /* its extended attributes */
};

struct writer {
	struct arena arena;
	const struct inst_carry *o;
	int sock, top; /* top: the directory that a tree became, for names that are the same file */
	struct spot to;
	const char *name; /* of the topmost file there; NULL: its contents go into the directory that is there */
	struct level at[CARRY_DEPTH + 1];
	size_t depth;
	char buf[PARCEL_BYTES];
};

static int bad(const char *name, int r, const char *what, struct err *e)
{
	static const struct {
		int code;
		const char *hint;
	} hints[] = {
		{ EROFS, "the root or a volume is read-only, or a file system is there only while the instance runs" },
		{ EBUSY, "something is mounted on it; write to its source" },
		{ EINVAL, "an owner without a place in the instance's range of ids" },
	};

	err_num(e, r, "%s %s", what, name);
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].code == -r)
			err_hint(e, r, "%s", hints[i].hint);
	return r;
}

static int parent_of(const struct writer *w)
{
	return w->depth ? w->at[w->depth - 1].fd : w->to.parent;
}

/* A program of the instance's root must not become one of the host's root by being looked at. */
static mode_t mode_of(const struct writer *w, const struct parcel *p)
{
	return p->mode & (w->o->archive ? 07777 : S_ISDIR(p->mode) ? 01777 : 0777);
}

/* Owner first: chown(2) clears set-id bits, and file capabilities. */
static int dress(const struct writer *w, int fd, const struct parcel *p)
{
	const struct timespec times[] = { p->mtime, p->mtime };
	int r = 0;

	if (w->o->archive && fchown(fd, p->uid, p->gid) < 0)
		return -errno;
	if (fchmod(fd, mode_of(w, p)) < 0)
		return -errno;
	if (w->o->archive)
		r = carry_set_xattrs(fd, p->xattrs, p->xattrs_len);
	return r < 0 ? r : futimens(fd, times) < 0 ? -errno : 0;
}

/* What has no descriptor is dressed by its name, which nobody follows. */
static int dress_name(const struct writer *w, int dir, const char *name, const struct parcel *p)
{
	const struct timespec times[] = { p->mtime, p->mtime };

	if (w->o->archive && fchownat(dir, name, p->uid, p->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int fill(const struct writer *w, int fd, const struct parcel *p)
{
	int r = fd_copy(p->fd, fd, p->size);

	return r < 0 ? r : dress(w, fd, p);
}

static bool is_dir(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* What is there already is never opened: it is replaced whole, or stays as it was. */
static int replace(const struct writer *w, int dir, const char *name, const struct parcel *p)
{
	char tmp[32];
	uint64_t random = 0;
	auto_fd fd = -1;
	int r;

	if (is_dir(dir, name))
		return -EISDIR;
	(void)!getrandom(&random, sizeof(random), 0);
	snprintf(tmp, sizeof(tmp), ".kist-cp-%016llx", (unsigned long long)random);
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fill(w, fd, p);
	if (!r && renameat(dir, tmp, dir, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir, tmp, 0);
	return r;
}

static int make_file(struct writer *w, int dir, const char *name, const struct parcel *p, struct err *e)
{
	auto_fd fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = fd >= 0 ? fill(w, fd, p) : errno == EEXIST ? replace(w, dir, name, p) : -errno;

	if (r < 0 && fd >= 0) /* half of it would be taken for all */
		(void)unlinkat(dir, name, 0);
	return r < 0 ? bad(name, r, "write", e) : 0;
}

/* Makes room for what cannot be renamed into its place. */
static int clear(int dir, const char *name)
{
	return unlinkat(dir, name, 0) == 0 || errno == ENOENT ? 0 : is_dir(dir, name) ? -EISDIR : -errno;
}

static int make_link(struct writer *w, int dir, const char *name, const struct parcel *p, struct err *e)
{
	int r = symlinkat(p->text, dir, name) < 0 ? -errno : 0;

	if (r == -EEXIST)
		r = clear(dir, name);
	if (!r && symlinkat(p->text, dir, name) < 0 && errno != EEXIST)
		r = -errno;
	if (!r)
		r = dress_name(w, dir, name, p);
	return r < 0 ? bad(name, r, "make the link", e) : 0;
}

static int make_fifo(struct writer *w, int dir, const char *name, const struct parcel *p, struct err *e)
{
	int r = clear(dir, name);
	mode_t was = umask(0);

	if (!r && mkfifoat(dir, name, mode_of(w, p)) < 0)
		r = -errno;
	umask(was);
	if (!r)
		r = dress_name(w, dir, name, p);
	return r < 0 ? bad(name, r, "make the FIFO", e) : 0;
}

/* The directory that holds `path` of this copy; *name is its last part. */
static int walk(const struct writer *w, char *path, const char **name)
{
	auto_fd at = fcntl(w->top, F_DUPFD_CLOEXEC, 3);

	for (char *slash = strchr(path, '/'); slash && at >= 0; slash = strchr(path, '/')) {
		int next;

		*slash = 0;
		next = fd_open(at, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
		close(at);
		at = next;
		path = slash + 1;
	}
	*name = path;
	return take_fd(&at);
}

static int make_same(struct writer *w, int dir, const char *name, const struct parcel *p, struct err *e)
{
	const char *first;
	auto_fd from = walk(w, arena_strdup(&w->arena, p->text), &first);
	int r = from < 0 ? from : clear(dir, name);

	if (!r && linkat(from, first, dir, name, 0) < 0)
		r = -errno;
	return r < 0 ? bad(name, r, "make the hard link", e) : 0;
}

static int enter(struct writer *w, struct level l, const struct parcel *p, const char *name, struct err *e)
{
	int r = 0;

	if (carry_is_kernels(l.fd))
		r = -EROFS;
	else if (w->depth > CARRY_DEPTH)
		r = -ELOOP;
	if (r < 0) {
		close(l.fd);
		return bad(name, r, "write into", e);
	}
	l.p = *p;
	l.p.xattrs = p->xattrs_len ? memcpy(arena_alloc(&l.arena, p->xattrs_len), p->xattrs, p->xattrs_len) : "";
	if (!w->depth)
		w->top = l.fd;
	w->at[w->depth++] = l;
	return 0;
}

static int make_dir(struct writer *w, int dir, const char *name, const struct parcel *p, struct err *e)
{
	bool there = name == NULL;
	struct level l = { .fd = -1 };

	name = name ? name : ".";
	l.made = !there && mkdirat(dir, name, 0700) == 0;
	if (!there && !l.made && errno != EEXIST)
		return bad(name, -errno, "make the directory", e);
	l.fd = fd_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (l.fd == -ENOTDIR || l.fd == -ELOOP)
		return err_set(e, ENOTDIR, "%s is there already and is no directory", name);
	return l.fd < 0 ? bad(name, l.fd, "open the directory", e) : enter(w, l, p, name, e);
}

/* A directory that was there before keeps what it was, but for an archive, which says how it is to be. */
static int leave(struct writer *w, struct err *e)
{
	struct level *l = &w->at[w->depth - 1];
	int r = 0;

	if (l->made || (w->o->archive && (w->depth > 1 || w->name)))
		r = dress(w, l->fd, &l->p);
	arena_done(&l->arena);
	if (w->depth > 1) /* top is closed by exit */
		fd_done(&l->fd);
	w->depth--;
	return r < 0 ? bad("a directory", r, "give its attributes to", e) : 0;
}

static int make(struct writer *w, const struct parcel *p, struct err *e)
{
	static int (*const makers[PARCEL_KINDS])(struct writer *, int, const char *, const struct parcel *, struct err *) = {
		[PARCEL_DIR] = make_dir,   [PARCEL_FILE] = make_file, [PARCEL_LINK] = make_link,
		[PARCEL_SAME] = make_same, [PARCEL_FIFO] = make_fifo,
	};
	const char *name = w->depth ? p->name : w->name;
	bool known = makers[p->kind] && (name ? !strchr(name, '/') && strcmp(name, "..") != 0 : p->kind == PARCEL_DIR);

	if (p->kind == PARCEL_UP && w->depth)
		return leave(w, e);
	if (!known)
		return err_set(e, EPROTO, "the two halves of the copy do not understand each other");
	return makers[p->kind](w, parent_of(w), name, p, e);
}

/* Where the copy goes: into a directory that is there, or under the name that was given. */
static int choose(struct writer *w, const struct parcel *hello, struct err *e)
{
	bool into = w->to.exists && S_ISDIR(w->to.st.st_mode), tree = S_ISDIR(hello->mode);
	int fd;

	w->name = w->to.name;
	if (into && tree && hello->only_contents && w->to.dot) {
		w->name = NULL;
	} else if (into && !(tree && hello->only_contents)) {
		fd = fd_open(w->to.parent, w->to.name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
		if (fd < 0)
			return bad(w->to.name, fd, "open the directory", e);
		fd_done(&w->to.parent);
		w->to.parent = fd;
		w->name = arena_strdup(&w->arena, hello->name);
	} else if (w->to.exists && tree && !into) {
		return err_set(e, ENOTDIR, "a directory cannot become a file that is there already");
	} else if (w->to.slash && !into && (w->to.exists || !tree)) {
		return err_set(e, w->to.exists ? ENOTDIR : ENOENT, "there is no such directory");
	}
	return carry_is_kernels(w->to.parent) ? bad(w->to.name, -EROFS, "write to", e) : 0;
}

static int receive(struct writer *w, struct parcel *p, struct err *e)
{
	int r = parcel_receive(w->sock, w->buf, p);

	return r == CARRY_GONE || r >= 0 ? r : err_num(e, r, "take over what was read");
}

int carry_write(const struct inst_carry *o, int root, int sock, struct err *e)
{
	static struct writer w;
	struct parcel p;
	int r;

	w.o = o;
	w.sock = sock;
	r = receive(&w, &p, e);
	if (r < 0)
		return r;
	r = spot_find(&w.arena, root, o->to.path, true, &w.to);
	if (r < 0)
		return err_set(e, -r, "%s", r == -ENOENT ? "the directory in which it would be made does not exist" : strerror(-r));
	r = choose(&w, &p, e);
	while (!r) {
		r = receive(&w, &p, e);
		if (r || p.kind == PARCEL_DONE)
			break;
		r = make(&w, &p, e);
		fd_done(&p.fd);
	}
	return r;
}
