/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/sink.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "images/feed.h"

static int split(struct img_sink *s, struct arena *a, const char *output, struct err *e)
{
	size_t n = strlen(output);
	const char *dir = ".";

	while (n > 1 && output[n - 1] == '/')
		n--;
	s->name = output = arena_strndup(a, output, n);
	if (strrchr(output, '/')) {
		s->name = strrchr(output, '/') + 1;
		dir = arena_strndup(a, output, (size_t)(s->name - output));
	}
	s->parent = fd_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
	return s->parent < 0 ? err_num(e, s->parent, "open the directory of %s", output) : 0;
}

static int open_dir(struct img_sink *s, const char *output, struct err *e)
{
	int r;

	if (faccessat(s->parent, s->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(e, EEXIST, "%s is there already; name a directory that is not", output);
	r = st_new_dir(s->parent, &s->fresh, e);
	s->dir = s->fresh.fd;
	return r < 0 ? r : s->dir;
}

int img_sink_open(struct img_sink *s, struct arena *a, const char *output, bool dir, struct err *e)
{
	struct stat st;
	int r;

	if (!output && isatty(STDOUT_FILENO))
		return err_set(e, EINVAL, "standard output is a terminal: send it into a pipe or name a file with --output");
	if (!output)
		return STDOUT_FILENO;
	r = split(s, a, output, e);
	if (r < 0)
		return r;
	if (dir)
		return open_dir(s, output, e);
	if (fstatat(s->parent, s->name, &st, 0) == 0 && !S_ISREG(st.st_mode)) {
		s->dir = fd_open(s->parent, s->name, O_WRONLY | O_NOCTTY);
		return s->dir < 0 ? err_num(e, s->dir, "open %s", output) : s->dir;
	}
	r = st_new_file(s->parent, &s->fresh, e);
	return r < 0 ? r : s->fresh.fd;
}

void img_sink_done(struct img_sink *s)
{
	archive_write_free(s->w);
	s->w = NULL;
	if (s->dir == s->fresh.fd)
		s->dir = -1;
	st_new_drop(&s->fresh);
	fd_done(&s->dir);
	fd_done(&s->parent);
}

int img_bad_write(struct archive *w, struct err *e)
{
	int code = archive_errno(w);

	return code > 0 ? err_num(e, -code, "write the archive")
			: err_set(e, EIO, "write the archive: %s", archive_error_string(w));
}

int img_sink_archive(struct img_sink *s, int fd, struct err *e)
{
	s->w = archive_write_new();
	if (!s->w)
		return err_set(e, ENOMEM, "libarchive has no memory");
	archive_write_set_format_pax_restricted(s->w);
	return archive_write_open_fd(s->w, fd) == ARCHIVE_OK ? 0 : img_bad_write(s->w, e);
}

/* A descriptor to write to, or -1 for the archive. */
static int begin(struct img_sink *s, const char *name, uint64_t size, int *out, struct err *e)
{
	struct archive_entry *en;
	int r;

	*out = -1;
	if (!s->w) {
		*out = openat(s->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		return *out < 0 ? err_sys(e, "make %s", name) : 0;
	}
	en = archive_entry_new();
	archive_entry_set_pathname(en, name);
	archive_entry_set_mode(en, AE_IFREG | 0644);
	archive_entry_set_size(en, (int64_t)size);
	archive_entry_set_mtime(en, 0, 0);
	r = archive_write_header(s->w, en);
	archive_entry_free(en);
	return r == ARCHIVE_OK ? 0 : img_bad_write(s->w, e);
}

static int put(struct img_sink *s, int fd, const void *data, size_t len, struct err *e)
{
	int r;

	img_progress_add(s->progress, len);
	if (s->w)
		return archive_write_data(s->w, data, len) == (la_ssize_t)len ? 0 : img_bad_write(s->w, e);
	r = fd_write_all(fd, data, len);
	return r < 0 ? err_num(e, r, "write") : 0;
}

int img_sink_text(struct img_sink *s, const char *name, const char *text, size_t len, struct err *e)
{
	auto_fd fd = -1;
	int r = begin(s, name, len, &fd, e);

	return r < 0 ? r : put(s, fd, text, len, e);
}

int img_sink_blob(struct img_sink *s, const char *name, int fd, const char *digest, struct err *e)
{
	auto_arena a = { 0 };
	auto_feed f = { 0 };
	auto_fd to = -1;
	const void *data;
	struct stat st;
	img_digest got;
	ssize_t n;
	int r = fstat(fd, &st) < 0 ? err_sys(e, "look at the blob %s", digest) : img_feed_begin(&f, &a, fd, e);

	if (!r)
		r = begin(s, name, (uint64_t)st.st_size, &to, e);
	while (!r && (n = img_feed_next(&f, &data, e)) != 0)
		r = n < 0 ? (int)n : put(s, to, data, (size_t)n, e);
	if (!r)
		r = img_feed_digest(&f, got, e);
	if (!r && strcmp(got, digest) != 0)
		return err_set(e, EBADMSG, "the blob %s is damaged; see kist system check", digest);
	return r;
}

static mode_t own_mode(const struct img_sink *s)
{
	mode_t mask = umask(0);

	umask(mask);
	return s->private ? 0600 : (s->dir == s->fresh.fd ? 0777 : 0666) & ~mask;
}

int img_sink_finish(struct img_sink *s, struct err *e)
{
	int r;

	if (s->w && archive_write_close(s->w) != ARCHIVE_OK)
		return img_bad_write(s->w, e);
	if (s->fresh.fd < 0)
		return 0;
	if (fchmod(s->fresh.fd, own_mode(s)) < 0 || fsync(s->fresh.fd) < 0)
		return err_sys(e, "finish %s", s->name);
	r = st_new_keep(&s->fresh, s->name, e);
	return r > 0 ? err_set(e, EEXIST, "%s is there already; name a directory that is not", s->name) : r;
}
