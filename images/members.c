/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/members.h"

#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "images/unpack.h"

enum { MEMBERS_MAX = 20000, ALIASES = 8 };

int img_members_of_dir(struct img_members *m, const char *path, struct err *e)
{
	m->dir = fd_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	return m->dir < 0 ? err_num(e, m->dir, "open the directory %s", path) : 0;
}

void img_members_done(struct img_members *m)
{
	if (m->staged)
		m->dir = -1;
	st_new_drop(&m->staging);
	fd_done(&m->dir);
}

static const struct img_member *find(const struct img_members *m, const char *name)
{
	for (int hops = 0; hops < ALIASES; hops++) {
		const struct img_member *found = NULL;

		for (size_t i = 0; i < m->list.len; i++) /* the last one of a name counts, as with tar */
			if (!strcmp(m->list.at[i].name, name))
				found = &m->list.at[i];
		if (!found || !found->alias)
			return found;
		name = found->alias;
	}
	return NULL;
}

bool img_member_exists(const struct img_members *m, const char *name)
{
	struct stat st;

	return m->staged ? find(m, name) != NULL : fstatat(m->dir, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int open_file(int dir, const char *name)
{
	enum { BENEATH = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	auto_fd fd = sys_openat2(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0, BENEATH);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? take_fd(&fd) : -EINVAL;
}

int img_member_open(const struct img_members *m, const char *name, const char **file, struct err *e)
{
	const struct img_member *found = m->staged ? find(m, name) : NULL;
	int fd = -ENOENT;
	char shown[JSON_SHOWN];

	*file = found ? found->file : NULL;
	if (found || !m->staged)
		fd = open_file(m->dir, found ? found->file : name);
	if (fd == -ENOENT)
		return err_set(e, ENOENT, "it has no file %s", json_shown(shown, name));
	if (fd == -EINVAL)
		return err_set(e, EINVAL, "%s is not a regular file", json_shown(shown, name));
	if (fd == -EXDEV)
		return err_set(e, EXDEV, "%s is a symbolic link that leads outside of the image", json_shown(shown, name));
	return fd < 0 ? err_num(e, fd, "open %s", json_shown(shown, name)) : fd;
}

int img_member_read(struct arena *a, const struct img_members *m, const char *name, size_t max, char **out, size_t *len,
		    struct err *e)
{
	const char *file;
	auto_fd fd = img_member_open(m, name, &file, e);
	char shown[JSON_SHOWN];
	int r;

	if (fd < 0)
		return fd;
	r = fd_read_all(a, fd, max, out, len);
	if (r == -EFBIG)
		return err_set(e, EFBIG, "%s is larger than %zu MiB, the most it may be", json_shown(shown, name), max >> 20);
	return r < 0 ? err_num(e, r, "read %s", json_shown(shown, name)) : 0;
}

static int stage_data(struct img_stream *s, int fd, struct err *e)
{
	int64_t offset, end = 0;
	const void *data;
	size_t len;
	int r;

	while ((r = img_stream_data(s, &data, &len, &offset, e)) > 0) {
		int w = offset == end ? fd_write_all(fd, data, len) : -EINVAL;

		if (w < 0)
			return err_num(e, w, "copy into the data directory");
		end += (int64_t)len;
	}
	return r;
}

/* Old archives have a layer that occurs twice as a link: "../OTHER/layer.tar". */
static int resolve_link(struct arena *a, const char *name, const char *target, const char **out, struct err *e)
{
	const char *slash = strrchr(name, '/');
	char clean[PATH_MAX], shown[JSON_SHOWN];
	int r;

	if (!target || !*target)
		return err_set(e, EINVAL, "has a link %s that leads nowhere", json_shown(shown, name));
	if (slash && !strncmp(target, "../", 3) && memchr(name, '/', (size_t)(slash - name)) == NULL)
		target += 3;
	else if (slash)
		target = arena_printf(a, "%.*s/%s", (int)(slash - name), name, target);
	r = img_clean_name(target, clean, e);
	*out = arena_strdup(a, clean);
	return r;
}

static int stage_entry(struct img_members *m, struct img_job *j, struct img_stream *s, struct archive_entry *en, struct err *e)
{
	const char *name = archive_entry_pathname(en), *hard = archive_entry_hardlink(en);
	char clean[PATH_MAX];
	struct img_member *now = &m->list.at[m->list.len];
	int r = name ? img_clean_name(name, clean, e) : err_set(e, EINVAL, "has an entry whose name cannot be read");

	if (r < 0 || archive_entry_filetype(en) == AE_IFDIR)
		return r;
	if (m->list.len == MEMBERS_MAX)
		return err_set(e, EFBIG, "has more than %d files", MEMBERS_MAX);
	*now = (struct img_member){ arena_strdup(j->arena, clean), arena_printf(j->arena, "f%zu", m->list.len), NULL };
	if (hard)
		r = resolve_link(j->arena, "", hard, &now->alias, e);
	else if (archive_entry_filetype(en) == AE_IFLNK)
		r = resolve_link(j->arena, clean, archive_entry_symlink(en), &now->alias, e);
	else if (archive_entry_filetype(en) != AE_IFREG)
		return err_set(e, EINVAL, "has %s, which is no regular file", json_shown((char[JSON_SHOWN]){ 0 }, clean));
	if (!r && !now->alias) {
		auto_fd fd = openat(m->dir, now->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		r = fd < 0 ? err_sys(e, "make a file in the data directory") : stage_data(s, fd, e);
	}
	m->list.len += !r;
	return r;
}

int img_members_of_archive(struct img_members *m, struct img_job *j, struct img_feed *f, struct err *e)
{
	auto_stream s = IMG_STREAM_NONE;
	struct archive_entry *en;
	img_digest plain, packed;
	int r = st_new_dir(j->blobs, &m->staging, e);

	if (r < 0)
		return r;
	m->dir = m->staging.fd;
	m->staged = true;
	m->list.at = arena_array(j->arena, MEMBERS_MAX + 1, sizeof(*m->list.at));
	f->progress = j->progress;
	r = img_stream_open(&s, f, j->limits, e);
	while (!r && (r = img_stream_next(&s, &en, e)) > 0)
		r = stage_entry(m, j, &s, en, e);
	return r < 0 ? r : img_stream_finish(&s, plain, packed, e);
}
