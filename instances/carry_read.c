/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that walks the source. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"
#include "instances/carry.h"
#include "instances/parcel.h"
#include "storage/linked.h"

struct reader {
	struct arena arena; /* names of files that have several */
	struct st_linked linked;
	int sock;
	bool archive;
	char xattrs[PARCEL_XATTRS];
};

/* A file in an open directory. */
struct item {
	int dir;
	const char *name, *path; /* path: from the top; "" is the top itself */
	size_t depth;
	dev_t dev; /* of the directory */
	int fd;	   /* O_PATH */
	struct stat st;
};

static int bad(const struct item *i, int r, const char *what, struct err *e)
{
	return err_num(e, r, "%s %s", what, *i->path ? i->path : i->name);
}

static int send(struct reader *k, const struct item *i, struct parcel p, struct err *e)
{
	int r;

	p.mode = i->st.st_mode;
	p.uid = i->st.st_uid;
	p.gid = i->st.st_gid;
	p.size = i->st.st_size;
	p.mtime = i->st.st_mtim;
	p.name = i->name;
	r = parcel_send(k->sock, &p);
	return r == CARRY_GONE ? r : r < 0 ? bad(i, r, "pass on", e) : 0;
}

static int send_data(struct reader *k, const struct item *i, int fd, struct parcel p, struct err *e)
{
	int r = k->archive ? carry_get_xattrs(fd, k->xattrs, &p.xattrs_len) : 0;

	if (r < 0)
		return bad(i, r, "read the extended attributes of", e);
	p.xattrs = k->xattrs;
	return send(k, i, p, e);
}

static int read_file(struct reader *k, const struct item *i, struct err *e)
{
	const char *path = i->st.st_nlink > 1 ? arena_strdup(&k->arena, i->path) : i->path;
	const char *first = st_linked(&k->linked, &k->arena, &i->st, path);
	auto_fd fd = -1;

	if (first)
		return send(k, i, (struct parcel){ .kind = PARCEL_SAME, .text = first, .fd = -1 }, e);
	fd = fd_reopen(i->fd, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? bad(i, fd, "open", e) : send_data(k, i, fd, (struct parcel){ .kind = PARCEL_FILE, .fd = fd }, e);
}

static int read_link(struct reader *k, const struct item *i, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(i->fd, "", target, sizeof(target) - 1);

	if (n < 0)
		return bad(i, -errno, "read the link", e);
	target[n] = 0;
	return send(k, i, (struct parcel){ .kind = PARCEL_LINK, .text = target, .fd = -1 }, e);
}

/* All at once: what is added meanwhile does not keep the walk going. */
static int list(struct arena *a, int dir, struct strv *out)
{
	int own = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = own < 0 ? NULL : fdopendir(own);

	*out = (struct strv){ .arena = a };
	if (!d)
		return own < 0 ? own : -errno;
	for (const struct dirent *n = readdir(d); n; n = readdir(d))
		if (strcmp(n->d_name, ".") != 0 && strcmp(n->d_name, "..") != 0)
			strv_add(out, arena_strdup(a, n->d_name));
	closedir(d);
	return 0;
}

static int read_item(struct reader *k, struct item *i, struct err *e);

static int read_entries(struct reader *k, const struct item *dir, int fd, struct err *e)
{
	auto_arena mine = { 0 };
	struct strv names;
	int r = list(&mine, fd, &names);

	if (r < 0)
		return bad(dir, r, "list", e);
	for (size_t n = 0; n < names.len && !r; n++) {
		struct item i = { .dir = fd, .name = names.at[n], .depth = dir->depth + 1, .dev = dir->st.st_dev, .fd = -1 };

		i.path = arena_printf(&mine, "%s%s%s", dir->path, *dir->path ? "/" : "", i.name);
		r = read_item(k, &i, e);
		fd_done(&i.fd);
	}
	return r;
}

static int read_dir(struct reader *k, struct item *i, struct err *e)
{
	auto_fd fd = fd_open(i->fd, ".", O_RDONLY | O_DIRECTORY);
	const struct parcel up = { .kind = PARCEL_UP, .fd = -1 };
	int r;

	if (fd < 0)
		return bad(i, fd, "open the directory", e);
	if (i->depth >= CARRY_DEPTH)
		return bad(i, -ELOOP, "go deeper into", e);
	r = send_data(k, i, fd, (struct parcel){ .kind = PARCEL_DIR, .fd = -1 }, e);
	if (!r && (i->st.st_dev == i->dev || !carry_is_kernels(fd)))
		r = read_entries(k, i, fd, e);
	return r ? r : send(k, i, up, e);
}

static int read_item(struct reader *k, struct item *i, struct err *e)
{
	int r = i->fd = fd_open(i->dir, i->name, O_PATH | O_NOFOLLOW);

	if (r >= 0 && fstat(i->fd, &i->st) < 0)
		r = -errno;
	if (r < 0) /* gone since the directory was read */
		return r == -ENOENT && i->depth ? 0 : bad(i, r, "look at", e);
	if (!i->depth || (i->st.st_dev != i->dev && !S_ISDIR(i->st.st_mode)))
		if (!S_ISLNK(i->st.st_mode) && carry_is_kernels(i->fd))
			return i->depth ? 0 : err_set(e, EINVAL, "it is on a file system that the kernel makes up (/proc, /sys …): no file to be copied");
	switch (i->st.st_mode & S_IFMT) {
	case S_IFDIR: return read_dir(k, i, e);
	case S_IFREG: return read_file(k, i, e);
	case S_IFLNK: return read_link(k, i, e);
	case S_IFIFO: return send(k, i, (struct parcel){ .kind = PARCEL_FIFO, .fd = -1 }, e);
	default: break;
	}
	if (!i->depth)
		return err_set(e, EINVAL, "it is a device or a socket, which means nothing elsewhere");
	log_warn("%s is left out: a device or a socket", i->path);
	return 0;
}

int carry_read(const struct inst_carry *o, int root, int sock, struct err *e)
{
	static struct reader k;
	auto_spot s = SPOT_NONE;
	struct item top = { .path = "", .fd = -1 };
	int r;

	k.sock = sock;
	k.archive = o->archive;
	r = spot_find(&k.arena, root, o->from.path, o->follow, &s);
	if (!r && !s.exists)
		r = -ENOENT;
	if (!r && s.slash && !S_ISDIR(s.st.st_mode))
		r = -ENOTDIR;
	if (r < 0)
		return err_set(e, -r, "%s", strerror(-r));
	top.dir = s.parent;
	top.name = s.name;
	top.st = s.st;
	r = send(&k, &top, (struct parcel){ .kind = PARCEL_HELLO, .only_contents = s.dot, .fd = -1 }, e);
	if (!r)
		r = read_item(&k, &top, e);
	fd_done(&top.fd);
	return r ? r : send(&k, &top, (struct parcel){ .kind = PARCEL_DONE, .fd = -1 }, e);
}
