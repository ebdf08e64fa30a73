/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* /proc and cgroup files say size 0, so the first guess is a page and the end is a read of 0. */
int fd_read_all(struct arena *a, int fd, size_t max, char **out, size_t *len)
{
	size_t room = 4096, have = 0;
	struct stat st;
	char *p;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > 0)
		room = (size_t)st.st_size + 1;
	if ((size_t)st.st_size > max)
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
		if (n == 0 || (st.st_size > 0 && have == (size_t)st.st_size))
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
	return fd_read_all(a, fd, max, out, len);
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

int file_put(int dirfd, const char *name, const char *data, size_t len, mode_t mode, enum file_durable how)
{
	char tmp[300];
	int r;

	snprintf(tmp, sizeof(tmp), ".%.250s.%d", name, (int)getpid());
	{
		auto_fd fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

		if (fd < 0)
			return -errno;
		r = fd_write_all(fd, data, len);
		if (!r && how == FILE_DURABLE && fsync(fd) < 0)
			r = -errno;
	}
	if (!r && renameat(dirfd, tmp, dirfd, name) < 0)
		r = -errno;
	if (r)
		unlinkat(dirfd, tmp, 0);
	return r;
}
