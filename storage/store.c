/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "storage/objects.h"

static const char *const folders[] = { "images", "images/blobs", "images/blobs/sha256", "layers",
				       "volumes", "instances",	 "locks" };

void st_done(struct st_store *s)
{
	fd_done(&s->dir);
}

/* One that is still empty, as a package or a mount left it, has nothing that anybody could have put there. */
static int trusted(int dir, const char *path, bool make, struct err *e)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return err_sys(e, "look at %s", path);
	if (st.st_uid != sys_euid())
		return err_set(e, EPERM, "the data directory %s belongs to uid %u, not to you; give your own with --data", path,
			       st.st_uid);
	if (st.st_mode & 077 && make && st_is_empty(dir, ".") == 1 && fchmod(dir, 0700) == 0)
		return st_is_empty(dir, ".") == 1 ? 0 : err_set(e, EPERM, "somebody is writing into the data directory %s", path);
	if (st.st_mode & 077)
		return err_set(e, EPERM,
			       "the data directory %s is open to others (mode %04o), and images hold setuid programs; "
			       "close it with chmod 0700",
			       path, st.st_mode & 07777);
	return 0;
}

static int make_folders(const struct st_store *s, struct err *e)
{
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	int r;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mkdirat(s->dir, folders[i], 0700) < 0 && errno != EEXIST)
			return err_sys(e, "make the directory %s/%s", s->path, folders[i]);
	if (faccessat(s->dir, "images/oci-layout", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	{
		auto_fd lock = st_lock(s, "index", true, e);
		auto_fd images = st_subdir(s, "images", e);

		if (lock < 0 || images < 0)
			return lock < 0 ? lock : images;
		r = file_put(images, "oci-layout", layout, sizeof(layout) - 1, 0600, FILE_DURABLE);
	}
	return r < 0 ? err_num(e, r, "write %s/images/oci-layout", s->path) : 0;
}

int st_open(struct arena *a, const char *data, bool make, struct st_store *out, struct err *e)
{
	auto_store s = { -1, arena_strdup(a, data) };
	int r = make ? path_mkdirs(s.path, 0700) : 0;

	if (r < 0)
		return err_num(e, r, "make the data directory %s", s.path);
	s.dir = fd_open(AT_FDCWD, s.path, O_RDONLY | O_DIRECTORY);
	if (s.dir == -ENOENT)
		return err_set(e, ENOENT, "there are no images yet: no data directory %s; make one with kist image import", s.path);
	if (s.dir < 0)
		return err_num(e, s.dir, "open the data directory %s", s.path);
	r = trusted(s.dir, s.path, make, e);
	if (!r && make)
		r = make_folders(&s, e);
	if (r < 0)
		return r;
	*out = (struct st_store){ take_fd(&s.dir), s.path };
	return 0;
}

int st_subdir(const struct st_store *s, const char *name, struct err *e)
{
	int fd = fd_open(s->dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	return fd < 0 ? err_num(e, fd, "open the directory %s/%s", s->path, name) : fd;
}

/* Most waits are short.  Who waits longer than a second hears for what, once, and only then stands in the queue. */
static int flock_wait(int fd, bool exclusive, const struct st_store *s, const char *what)
{
	enum { FIRST = 1000000, LONGEST = 20 * FIRST, PATIENCE = 1000 * FIRST };
	const int how = exclusive ? LOCK_EX : LOCK_SH;
	struct timespec pause = { 0, FIRST };

	for (long waited = 0; waited < PATIENCE; waited += pause.tv_nsec) {
		if (flock(fd, how | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < LONGEST)
			pause.tv_nsec *= 2;
	}
	fprintf(stderr, "kist: waiting for the lock %s/locks/%s, which another kist holds\n", s->path, what);
	while (flock(fd, how) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Lock files may be swept away by who holds "images" exclusively: only a lock on the file of that name counts. */
static bool is_current(int dir, const char *path, int fd)
{
	struct stat named, open;

	return fstatat(dir, path, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &open) == 0 &&
	       named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

static int open_lock(int dir, const char *path)
{
	enum { FLAGS = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC };
	int fd = openat(dir, path, FLAGS, 0600);

	if (fd < 0 && errno == ENOENT && (mkdirat(dir, "locks", 0700) == 0 || errno == EEXIST))
		fd = openat(dir, path, FLAGS, 0600);
	return fd < 0 ? -errno : fd;
}

int st_lock(const struct st_store *s, const char *what, bool exclusive, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "locks/%s", what);
	for (;;) {
		auto_fd fd = open_lock(s->dir, path);
		int r = fd < 0 ? fd : flock_wait(fd, exclusive, s, what);

		if (r < 0)
			return err_num(e, r, "lock %s/%s", s->path, path);
		if (is_current(s->dir, path, fd))
			return take_fd(&fd);
	}
}
