/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/objects.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fd.h"
#include "base/text.h"

#define PREFIX ".new-"

static void name_it(char name[ST_NEW_NAME])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[6];
	size_t n = sizeof(PREFIX) - 1;

	memcpy(name, PREFIX, n);
	(void)!getrandom(random, sizeof(random), 0);
	for (size_t i = 0; i < sizeof(random); i++)
		name[n++] = letters[random[i] % 32];
	name[n] = 0;
}

static int make(int parent, bool dir, const char *name)
{
	enum { FILE_FLAGS = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

	if (!dir)
		return openat(parent, name, FILE_FLAGS, 0600);
	if (mkdirat(parent, name, 0700) < 0)
		return -1;
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Between its making and its lock somebody may have taken it for a leftover: then it has no name any more. */
static int make_locked(int parent, bool dir, struct st_new *out)
{
	for (;;) {
		auto_fd fd = -1;

		name_it(out->name);
		fd = make(parent, dir, out->name);
		if (fd < 0 && errno != EEXIST && errno != ENOENT)
			return -errno;
		if (fd < 0)
			continue;
		if (flock(fd, LOCK_EX) < 0)
			return -errno;
		if (faccessat(parent, out->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
			out->parent = parent;
			out->fd = take_fd(&fd);
			return 0;
		}
	}
}

int st_new_file(int parent, struct st_new *out, struct err *e)
{
	int r = make_locked(parent, false, out);

	return r < 0 ? err_num(e, r, "make a file in the data directory") : 0;
}

int st_new_dir(int parent, struct st_new *out, struct err *e)
{
	int r = make_locked(parent, true, out);

	return r < 0 ? err_num(e, r, "make a directory in the data directory") : 0;
}

int st_new_keep(struct st_new *n, const char *name, struct err *e)
{
	if (renameat(n->parent, n->name, n->parent, name) == 0) {
		n->name[0] = 0;
		return 0;
	}
	if (errno == EEXIST || errno == ENOTEMPTY)
		return 1;
	return err_sys(e, "give %s its place in the data directory", name);
}

/* rename(2) does nothing when both names are the same file already: then the drop takes the extra one away. */
int st_link(int fd, int from_dir, const char *from, int parent, const char *name, struct err *e)
{
	auto_new link = { parent, -1, "" };
	int r;

	if (flock(fd, LOCK_EX) < 0)
		return err_sys(e, "lock %s", from);
	do {
		name_it(link.name);
		r = linkat(from_dir, from, parent, link.name, 0);
	} while (r < 0 && errno == EEXIST);
	if (r == 0)
		r = renameat(parent, link.name, parent, name);
	return r < 0 ? err_sys(e, "give %s its place in the data directory", name) : 0;
}

int st_unname(int parent, const char *name, char out[ST_NEW_NAME])
{
	do {
		name_it(out);
		if (renameat(parent, name, parent, out) == 0)
			return 0;
	} while (errno == EEXIST || errno == ENOTEMPTY);
	return -errno;
}

void st_new_drop(struct st_new *n)
{
	if (n->name[0])
		(void)st_remove_tree(n->parent, n->name);
	n->name[0] = 0;
	fd_done(&n->fd);
}

static bool is_dead(int dir, const char *name)
{
	auto_fd fd = fd_open(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static DIR *list(int dir)
{
	int copy = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);

	if (!d && copy >= 0)
		close(copy);
	return d;
}

int st_sweep(int dir, bool remove, struct st_junk *add, struct err *e)
{
	DIR *d = list(dir);

	if (!d)
		return err_sys(e, "look for leftovers");
	for (const struct dirent *n = readdir(d); n; n = readdir(d)) {
		if (!text_starts(n->d_name, PREFIX) || !is_dead(dir, n->d_name))
			continue;
		add->count++;
		if (remove && st_remove_tree(dir, n->d_name) < 0)
			add->failed++;
	}
	closedir(d);
	return 0;
}

/* 1: it is a directory, and not empty. */
static int remove_entry(int dir, const char *name, bool directory)
{
	if (!directory) {
		if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
			return 0;
		if (errno != EISDIR && errno != EPERM)
			return -errno;
	}
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return errno == ENOTEMPTY || errno == EEXIST ? 1 : -errno;
}

struct level {
	dev_t dev;
	ino_t ino;
};

/* The directories between the top and where it is, so that ".." is known to lead back to where it came from. */
struct way {
	struct arena arena;
	struct level *at;
	size_t len;
	char *entries;
};
enum { ENTRIES = 32 << 10 };

/* Removes what is in the directory; the name of a subdirectory that is not empty is left in `deeper`.  Without readdir(3), which
 * costs five calls more for each directory. */
static int empty_once(struct way *w, int dir, char deeper[NAME_MAX + 1])
{
	ssize_t n;

	*deeper = 0;
	while ((n = getdents64(dir, w->entries, ENTRIES)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *d = (const void *)(w->entries + at);
			bool own = !strcmp(d->d_name, ".") || !strcmp(d->d_name, "..");
			int r = own ? 0 : remove_entry(dir, d->d_name, d->d_type == DT_DIR);

			if (r > 0)
				snprintf(deeper, NAME_MAX + 1, "%s", d->d_name);
			if (r)
				return r < 0 ? r : 0;
			at += d->d_reclen;
		}
	return n < 0 ? -errno : 0;
}

static int go_down(struct way *w, int at, const char *name)
{
	struct stat st;

	if (fstat(at, &st) < 0)
		return -errno;
	w->at = arena_grow(&w->arena, w->at, w->len, sizeof(*w->at));
	w->at[w->len++] = (struct level){ st.st_dev, st.st_ino };
	return fd_open(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

static int go_up(struct way *w, int at)
{
	auto_fd up = fd_open(at, "..", O_RDONLY | O_DIRECTORY);
	const struct level *was = &w->at[--w->len];
	struct stat st;

	if (up < 0)
		return up;
	if (fstat(up, &st) < 0)
		return -errno;
	return st.st_dev == was->dev && st.st_ino == was->ino ? take_fd(&up) : -ESTALE;
}

static int empty_below(int top, struct way *w)
{
	auto_fd at = top;
	char deeper[NAME_MAX + 1];

	while (at >= 0) {
		int r = empty_once(w, at, deeper), next;

		if (r < 0)
			return r;
		if (!*deeper && !w->len)
			return 0;
		next = *deeper ? go_down(w, at, deeper) : go_up(w, at);
		close(at);
		at = next;
	}
	return at;
}

/*
 * Downwards by name and upwards by "..", with one descriptor however deep it is.  What is moved away meanwhile ends it:
 * above it are files of somebody else.  Each way up removes the directory that was left, so every entry is read a
 * bounded number of times.
 */
static int empty(int top)
{
	struct way w = { 0 };
	int r;

	w.entries = arena_alloc(&w.arena, ENTRIES);
	r = empty_below(top, &w);
	arena_done(&w.arena);
	return r;
}

int st_remove_tree(int dir, const char *name)
{
	int r = remove_entry(dir, name, false), top;

	if (r <= 0)
		return r;
	top = fd_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	r = top < 0 ? top : empty(top);
	if (r < 0)
		return r;
	return unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

int st_is_empty(int dir, const char *name)
{
	int fd = fd_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), n = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return fd < 0 ? fd : -errno;
	while (n < 3 && readdir(d))
		n++;
	closedir(d);
	return n <= 2;
}
