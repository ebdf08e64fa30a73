/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/files.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define SUFFIX ".json"
enum { MOST_BYTES = 16 << 20 };

static int open_folder(int data, const char *folder)
{
	return fd_open(data, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

static const char *path_of(struct arena *a, const char *folder, const char *name)
{
	return arena_printf(a, "%s/%s" SUFFIX, folder, name);
}

int net_file_put(struct arena *a, int data, const char *folder, const char *name, const char *text, size_t len, enum file_durable how)
{
	auto_fd dir = open_folder(data, folder);

	if (dir == -ENOENT && (mkdirat(data, folder, 0700) == 0 || errno == EEXIST))
		dir = open_folder(data, folder);
	return dir < 0 ? dir : file_put(dir, arena_printf(a, "%s" SUFFIX, name), text, len, 0600, how);
}

int net_file_read(struct arena *a, int data, const char *folder, const char *name, char **text, size_t *len)
{
	return *name == '.' || strchr(name, '/') ? -ENOENT : file_read(a, data, path_of(a, folder, name), MOST_BYTES, text, len);
}

int net_file_remove(struct arena *a, int data, const char *folder, const char *name)
{
	return unlinkat(data, path_of(a, folder, name), 0) < 0 ? -errno : 0;
}

static bool ends(const char *file, const char *tail)
{
	size_t n = strlen(file), len = strlen(tail);

	return n > len && !strcmp(file + n - len, tail);
}

static void add_name(struct strv *v, const char *file)
{
	if (*file != '.' && ends(file, SUFFIX))
		strv_add(v, arena_strndup(v->arena, file, strlen(file) - strlen(SUFFIX)));
}

int net_file_names(struct arena *a, int data, const char *folder, strings *out)
{
	int fd = open_folder(data, folder);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct strv v = { .arena = a };

	if (!d && fd != -ENOENT)
		return fd < 0 ? fd : -ENOMEM;
	for (const struct dirent *n = d ? readdir(d) : NULL; n; n = readdir(d))
		add_name(&v, n->d_name);
	if (d)
		closedir(d);
	*out = (strings){ v.at, v.len };
	return 0;
}

void net_files_sweep(struct arena *a, int data, const char *folder)
{
	int fd = open_folder(data, folder);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct strv v = { .arena = a };

	for (const struct dirent *n = d ? readdir(d) : NULL; n; n = readdir(d))
		if (*n->d_name == '.' && ends(n->d_name, SUFFIX ".new"))
			strv_add(&v, arena_strdup(a, n->d_name));
	for (size_t i = 0; i < v.len; i++)
		(void)unlinkat(fd, v.at[i], 0);
	if (d)
		closedir(d);
}
