/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"

void fd_done(int *fd)
{
	int was = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = was;
}

int fd_open(int dirfd, const char *path, int flags)
{
	int fd = openat(dirfd, path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int fd_reopen(int fd, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd_open(AT_FDCWD, path, flags);
}

int fd_open_regular(int dirfd, const char *name)
{
	auto_fd at = fd_open(dirfd, name, O_PATH | O_NOFOLLOW);
	struct stat st;

	if (at < 0)
		return at;
	if (fstat(at, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISLNK(st.st_mode) ? -ELOOP : -EINVAL;
	return fd_reopen(at, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

int fd_close_from(unsigned first, const int *keep, size_t n)
{
	for (;;) {
		unsigned next = UINT_MAX; /* the lowest to keep */
		int r = 0;

		for (size_t i = 0; i < n; i++)
			if (keep[i] >= 0 && (unsigned)keep[i] >= first && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		if (next > first)
			r = sys_close_range(first, next == UINT_MAX ? next : next - 1, 0);
		if (r < 0 || next == UINT_MAX)
			return r;
		first = next + 1;
	}
}

int fd_write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int pour(int in, int out, off_t from, off_t to)
{
	if (lseek(out, from, SEEK_SET) < 0)
		return -errno;
	while (from < to) {
		ssize_t n = sendfile(out, in, &from, (size_t)(to - from < 1 << 30 ? to - from : 1 << 30));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			break; /* became shorter */
	}
	return 0;
}

int fd_copy(int in, int out, off_t size)
{
	for (off_t at = 0, end; at < size; at = end) {
		off_t data = lseek(in, at, SEEK_DATA);
		int r;

		if (data < 0 && errno == ENXIO)
			break;
		if (data < 0)
			data = at; /* a file system that does not know */
		if (data >= size)
			break;
		end = lseek(in, data, SEEK_HOLE);
		if (end < 0 || end > size)
			end = size;
		r = pour(in, out, data, end);
		if (r < 0)
			return r;
	}
	return ftruncate(out, size) < 0 ? -errno : 0;
}

/* /proc and cgroup files say size 0, so the first guess is a page and the end is a read of 0. */
static int read_all(struct arena *a, int fd, size_t size, size_t max, char **out, size_t *len)
{
	size_t room = size ? size + 1 : 4096, have = 0;
	char *p;

	if (size > max)
		return -EFBIG;
	p = arena_alloc(a, room + 1);
	for (;;) {
		ssize_t n = read(fd, p + have, room - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		if (have > max)
			return -EFBIG;
		if (n == 0 || (size && have == size))
			break;
		if (have == room) {
			char *more = arena_alloc(a, room * 2 + 1);

			memcpy(more, p, have);
			p = more;
			room *= 2;
		}
	}
	p[have] = 0;
	*out = p;
	if (len)
		*len = have;
	return 0;
}

int fd_read_all(struct arena *a, int fd, size_t max, char **out, size_t *len)
{
	return read_all(a, fd, 0, max, out, len);
}

int file_read(struct arena *a, int dirfd, const char *path, size_t max, char **out, size_t *len)
{
	auto_fd fd = fd_open(dirfd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return read_all(a, fd, (size_t)st.st_size, max, out, len);
}

int file_poke(int dirfd, const char *path, const char *data)
{
	auto_fd fd = fd_open(dirfd, path, O_WRONLY | O_NOFOLLOW);
	size_t len = strlen(data);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, data, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

/* What a killed writer left behind is in the way once; the name is free of the pid so that it is found. */
static int open_new(int dirfd, const char *name, mode_t mode)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	int fd = openat(dirfd, name, FLAGS, mode);

	if (fd < 0 && errno == EEXIST && unlinkat(dirfd, name, 0) == 0)
		fd = openat(dirfd, name, FLAGS, mode);
	return fd < 0 ? -errno : fd;
}

enum { TMP_NAME = 300 };

static void name_tmp(char out[TMP_NAME], const char *name)
{
	snprintf(out, TMP_NAME, ".%.250s.new", name);
}

int file_make(int dirfd, const char *name, const char *data, size_t len, mode_t mode, enum file_durable how)
{
	auto_fd fd = open_new(dirfd, name, mode);
	int r = fd < 0 ? fd : fd_write_all(fd, data, len);

	if (!r && how == FILE_DURABLE && fsync(fd) < 0)
		r = -errno;
	if (r && fd >= 0)
		unlinkat(dirfd, name, 0);
	return r;
}

int file_prepare(int dirfd, const char *name, const char *data, size_t len, mode_t mode, enum file_durable how)
{
	char tmp[TMP_NAME];

	name_tmp(tmp, name);
	return file_make(dirfd, tmp, data, len, mode, how);
}

int file_commit(int dirfd, const char *name)
{
	char tmp[TMP_NAME];
	int r;

	name_tmp(tmp, name);
	if (renameat(dirfd, tmp, dirfd, name) == 0)
		return 0;
	r = -errno;
	unlinkat(dirfd, tmp, 0);
	return r;
}

void file_abandon(int dirfd, const char *name)
{
	char tmp[TMP_NAME];

	name_tmp(tmp, name);
	(void)unlinkat(dirfd, tmp, 0);
}

int file_put(int dirfd, const char *name, const char *data, size_t len, mode_t mode, enum file_durable how)
{
	int r = file_prepare(dirfd, name, data, len, mode, how);

	return r ? r : file_commit(dirfd, name);
}
