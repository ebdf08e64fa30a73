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
#define FOLDER "ids"
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

static const char *path_of(struct arena *a, uint32_t first)
{
	return arena_printf(a, FOLDER "/%u", first);
}

/* One bit for each range of the pool. */
static int taken(struct arena *a, int data, const struct inst_pool *p, unsigned char **out)
{
	int fd = fd_open(data, FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	uint32_t first;

	*out = arena_alloc(a, p->count / INST_IDS / 8 + 1);
	if (fd == -ENOENT)
		return 0;
	if (!d)
		return fd < 0 ? fd : -errno;
	for (const struct dirent *n = readdir(d); n; n = readdir(d))
		if (text_u32(n->d_name, &first) && first >= p->start && first - p->start < p->count) {
			uint32_t i = (first - p->start) / INST_IDS;

			(*out)[i / 8] |= (unsigned char)(1U << i % 8);
		}
	closedir(d);
	return 0;
}

/* As the name of a link that leads nowhere: to who has them. */
static int take_link(int data, const char *path, const char *name)
{
	if (symlinkat(name, data, path) == 0)
		return 0;
	if (errno == ENOENT && (mkdirat(data, FOLDER, 0700) == 0 || errno == EEXIST) && symlinkat(name, data, path) == 0)
		return 0;
	return -errno;
}

int inst_ids_take(struct arena *a, const struct st_store *s, const struct inst_pool *p, const char *name, bool dry,
		  struct oci_mapping *out, struct err *e)
{
	unsigned char *bits = NULL;
	int r = taken(a, s->dir, p, &bits);

	if (r < 0)
		return err_num(e, r, "look for a free range of ids");
	for (uint32_t i = 0; i < p->count / INST_IDS; i++) {
		if (bits[i / 8] & 1U << i % 8)
			continue;
		*out = (struct oci_mapping){ .container = 0, .host = p->start + i * INST_IDS, .size = INST_IDS };
		r = dry ? 0 : take_link(s->dir, path_of(a, out->host), name);
		if (r != -EEXIST)
			return r < 0 ? err_num(e, r, "take the range of ids %u", out->host) : 0;
	}
	return err_set(e, ENOSPC, "every range of ids is taken, of %u; delete instances, or give \"kist\" more in /etc/subuid and /etc/subgid",
		       p->count / INST_IDS);
}

int inst_ids_check(struct arena *a, const struct st_store *s, const char *name, uint32_t first, struct err *e)
{
	const char *link = path_of(a, first);
	char owner[NAME_MAX + 1];
	int r = take_link(s->dir, link, name);
	ssize_t n;

	if (!r)
		return 0; /* lost, as by a power cut */
	n = r == -EEXIST ? readlinkat(s->dir, link, owner, sizeof(owner) - 1) : -1;
	if (n < 0)
		return err_num(e, r == -EEXIST ? -errno : r, "look whose the ids %u are", first);
	owner[n] = 0;
	if (strcmp(owner, name) != 0)
		return err_set(e, EBUSY, "the ids %u of instance %s belong to instance %s now; make %s anew from its image", first, name,
			       owner, name);
	return 0;
}

void inst_ids_release(struct arena *a, const struct st_store *s, const char *name, uint32_t first)
{
	const char *link = path_of(a, first);
	char owner[NAME_MAX + 1];
	ssize_t n = readlinkat(s->dir, link, owner, sizeof(owner) - 1);

	if (n < 0)
		return;
	owner[n] = 0;
	if (!strcmp(owner, name))
		(void)unlinkat(s->dir, link, 0);
}
