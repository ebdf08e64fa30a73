/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/ids.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

/* Between what systemd gives to containers and its foreign range (systemd's UIDS-GIDS): 4094 instances. */
static const struct inst_pool usual = { 0x70000000, 0x7ffe0000 - 0x70000000 };
enum { FILE_MAX = 1 << 20 };

/* "kist:START:COUNT" */
static bool find_line(struct arena *a, const char *text, struct inst_pool *out)
{
	char *save, *copy = arena_strdup(a, text);

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *count;

		if (!text_starts(line, "kist:"))
			continue;
		line += 5;
		count = strchr(line, ':');
		if (!count)
			continue;
		*count++ = 0;
		if (text_u32(line, &out->start) && text_u32(count, &out->count))
			return true;
	}
	return false;
}

int inst_ids_pool(struct arena *a, const char *subuid, const char *subgid, struct inst_pool *out, struct err *e)
{
	struct inst_pool u = { 0 }, g = { 0 };
	bool uids = find_line(a, subuid, &u), gids = find_line(a, subgid, &g);

	if (!uids && !gids) {
		*out = usual;
		return 0;
	}
	if (uids != gids || u.start != g.start || u.count != g.count)
		return err_set(e, EINVAL, "the lines of \"kist\" in /etc/subuid and /etc/subgid differ; both must give the same range");
	u.count -= u.count % INST_IDS;
	if (!u.start || !u.count || u.start > UINT32_MAX - u.count)
		return err_set(e, EINVAL, "the range of \"kist\" in /etc/subuid must have %d ids for each instance, and not begin at 0", INST_IDS);
	*out = u;
	return 0;
}

static int read_text(struct arena *a, const char *path, char **out, struct err *e)
{
	size_t len;
	int r = file_read(a, AT_FDCWD, path, FILE_MAX, out, &len);

	if (r == -ENOENT)
		*out = arena_strdup(a, "");
	return r < 0 && r != -ENOENT ? err_num(e, r, "read %s", path) : 0;
}

int inst_ids_read_pool(struct arena *a, struct inst_pool *out, struct err *e)
{
	char *u, *g;
	int r = read_text(a, "/etc/subuid", &u, e);

	if (!r)
		r = read_text(a, "/etc/subgid", &g, e);
	return r ? r : inst_ids_pool(a, u, g, out, e);
}

static int open_dir(const struct st_store *s, bool make, struct err *e)
{
	if (make && mkdirat(s->dir, "ids", 0700) < 0 && errno != EEXIST)
		return err_sys(e, "make the directory %s/ids", s->path);
	return st_subdir(s, "ids", e);
}

/* One bit for each range of the pool. */
static int taken(struct arena *a, int dir, const struct inst_pool *p, unsigned char **out)
{
	int fd = fd_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	uint32_t first;

	if (!d)
		return fd < 0 ? fd : -errno;
	*out = arena_alloc(a, p->count / INST_IDS / 8 + 1);
	for (const struct dirent *n = readdir(d); n; n = readdir(d))
		if (text_u32(n->d_name, &first) && first >= p->start && first - p->start < p->count) {
			uint32_t i = (first - p->start) / INST_IDS;

			(*out)[i / 8] |= (unsigned char)(1U << i % 8);
		}
	closedir(d);
	return 0;
}

static int take_free(struct arena *a, int dir, const struct inst_pool *p, const char *name, bool dry, uint32_t *first,
		     struct err *e)
{
	unsigned char *bits = NULL;
	int r = taken(a, dir, p, &bits);

	if (r < 0)
		return err_num(e, r, "look for a free range of ids");
	for (uint32_t i = 0; i < p->count / INST_IDS; i++) {
		if (bits[i / 8] & 1U << i % 8)
			continue;
		*first = p->start + i * INST_IDS;
		if (dry || symlinkat(name, dir, arena_printf(a, "%u", *first)) == 0)
			return 0;
		if (errno != EEXIST)
			return err_sys(e, "take the range of ids %u", *first);
	}
	return err_set(e, ENOSPC, "every range of ids is taken, of %u; delete instances, or give \"kist\" more in /etc/subuid and /etc/subgid",
		       p->count / INST_IDS);
}

int inst_ids_take(struct arena *a, const struct st_store *s, const char *name, bool dry, struct oci_mapping *out, struct err *e)
{
	struct inst_pool pool = { 0 };
	uint32_t first = 0;
	int r = inst_ids_read_pool(a, &pool, e);
	auto_fd dir = r ? r : open_dir(s, true, e);

	if (dir < 0)
		return dir;
	r = take_free(a, dir, &pool, name, dry, &first, e);
	if (!r)
		*out = (struct oci_mapping){ .container = 0, .host = first, .size = INST_IDS };
	return r;
}

int inst_ids_check(struct arena *a, const struct st_store *s, const char *name, uint32_t first, struct err *e)
{
	auto_fd dir = open_dir(s, true, e);
	const char *link = arena_printf(a, "%u", first);
	char owner[NAME_MAX + 1];
	ssize_t n;

	if (dir < 0)
		return dir;
	if (symlinkat(name, dir, link) == 0)
		return 0; /* lost, as by a power cut */
	n = errno == EEXIST ? readlinkat(dir, link, owner, sizeof(owner) - 1) : -1;
	if (n < 0)
		return err_sys(e, "look whose the ids %s are", link);
	owner[n] = 0;
	if (strcmp(owner, name) != 0)
		return err_set(e, EBUSY, "the ids %s of instance %s belong to instance %s now; make %s anew from its image", link, name,
			       owner, name);
	return 0;
}

void inst_ids_release(struct arena *a, const struct st_store *s, const char *name, uint32_t first)
{
	auto_fd dir = open_dir(s, false, NULL);
	const char *link = arena_printf(a, "%u", first);
	char owner[NAME_MAX + 1];
	ssize_t n = dir < 0 ? -1 : readlinkat(dir, link, owner, sizeof(owner) - 1);

	if (n < 0)
		return;
	owner[n] = 0;
	if (!strcmp(owner, name))
		(void)unlinkat(dir, link, 0);
}
