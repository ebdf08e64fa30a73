/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_FD_H
#define BASE_FD_H
#include <fcntl.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
/*
 * Descriptors: owned by one variable, closed at the end of its scope, handed over with take_fd().
 * Every helper opens with O_CLOEXEC and returns ≥ 0 or -errno without a sentence.
 */
void fd_done(int *fd); /* closes unless negative; keeps errno */
#define auto_fd __attribute__((cleanup(fd_done))) int

static inline int take_fd(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

int fd_open(int dirfd, const char *path, int flags); /* openat + O_CLOEXEC */
/* Opens what an O_PATH descriptor refers to: nothing else can take its place in between. */
int fd_reopen(int fd, int flags);
/* A regular file for reading, looked at before it is opened: a FIFO, a device or a link in its place, -EINVAL and
 * -ELOOP, is not touched. */
int fd_open_regular(int dirfd, const char *name);
/* Closes every descriptor from `first` on but those in `keep`, whose order is free; negative ones count as absent. */
int fd_close_from(unsigned first, const int *keep, size_t n);
int fd_write_all(int fd, const char *data, size_t len);
/* A file's content into an empty one.  Holes stay holes, however large; what grows meanwhile has the size that it had:
 * it might never end. */
int fd_copy(int in, int out, off_t size);

/*
 * Reads a whole regular file (or /proc, /sys file) of at most `max` bytes, NUL-terminated, into the arena.
 * Opens with O_NOFOLLOW | O_NONBLOCK, so that a FIFO or a symlink planted by somebody else neither
 * blocks nor redirects; other file types are -EINVAL, larger files -EFBIG.
 */
int file_read(struct arena *a, int dirfd, const char *path, size_t max, char **out, size_t *len);
int fd_read_all(struct arena *a, int fd, size_t max, char **out, size_t *len);

/* Writes a small kernel file (/proc, /sys, cgroup) in one write(2), as the kernel demands. */
int file_poke(int dirfd, const char *path, const char *data);

/* Replaces a file as temporary + rename, so that a reader sees the old or the new one, whole.  One writer per
 * name at a time: callers hold a lock, or own the name. */
enum file_durable { FILE_VOLATILE, FILE_DURABLE /* fsync before the rename: survives a power cut */ };
/* For a name that nobody looks at yet, where half of it may be seen: without the rename.  What has the name goes. */
int file_make(int dirfd, const char *name, const char *data, size_t len, mode_t mode, enum file_durable how);
/* Its two halves, for who wants to write ahead of time: everything but the rename, and the rename; or neither. */
int file_prepare(int dirfd, const char *name, const char *data, size_t len, mode_t mode, enum file_durable how);
int file_commit(int dirfd, const char *name);
void file_abandon(int dirfd, const char *name);
int file_put(int dirfd, const char *name, const char *data, size_t len, mode_t mode, enum file_durable how);
#endif
