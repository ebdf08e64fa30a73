/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/spot.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"

enum { MAX_LINKS = 40 };

int spot_parse(struct arena *a, const char *word, struct spot_word *out, struct err *e)
{
	size_t n = strcspn(word, ":/");

	if (!strcmp(word, "-"))
		return err_set(e, EINVAL, "\"-\" (a tar stream) is not copied: see kist export; a file of that name is ./-");
	if (!*word)
		return err_set(e, EINVAL, "an empty path");
	*out = (struct spot_word){ NULL, word };
	if (*word == '.' || word[n] != ':')
		return 0;
	*out = (struct spot_word){ arena_strndup(a, word, n), word + n + 1 };
	if (!n || !*out->path)
		return err_set(e, EINVAL, "\"%s\": expected NAME:PATH, or a path of this host (./%s)", word, word);
	return 0;
}

void spot_done(struct spot *s)
{
	fd_done(&s->parent);
}

static int open_dir(int root, const char *path)
{
	return root < 0 ? fd_open(AT_FDCWD, path, O_PATH | O_DIRECTORY) : path_open_in(root, path, O_PATH | O_DIRECTORY);
}

/* The directory itself, when no name says which of its parent's it is. */
static int itself(int root, const char *path, struct spot *out)
{
	out->parent = open_dir(root, path);
	if (out->parent < 0)
		return out->parent;
	out->name = ".";
	out->exists = out->slash = out->dot = true;
	return fstat(out->parent, &out->st) < 0 ? -errno : 0;
}

static int look(struct arena *a, int root, const char *path, const char **dir, struct spot *out)
{
	size_t n = strlen(path), from;

	while (n && path[n - 1] == '/')
		n--;
	for (from = n; from && path[from - 1] != '/'; from--)
		;
	*dir = from ? arena_strndup(a, path, from) : root < 0 ? "." : "/";
	*out = (struct spot){ .parent = -1, .name = arena_strndup(a, path + from, n - from), .slash = path[n] == '/' };
	if (!*out->name || !strcmp(out->name, ".") || !strcmp(out->name, ".."))
		return itself(root, path, out);
	if (n - from > NAME_MAX)
		return -ENAMETOOLONG;
	out->parent = open_dir(root, *dir);
	if (out->parent < 0)
		return out->parent;
	out->exists = fstatat(out->parent, out->name, &out->st, AT_SYMLINK_NOFOLLOW) == 0;
	return out->exists || errno == ENOENT ? 0 : -errno;
}

/* What a link says is looked up as a path was, below the root again, by descriptors only. */
static int through(struct arena *a, const struct spot *s, const char *dir, const char **path)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(s->parent, s->name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = 0;
	*path = arena_printf(a, "%s%s%s%s", *target == '/' ? "" : dir, *target == '/' ? "" : "/", target, s->slash ? "/" : "");
	return strlen(*path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int spot_find(struct arena *a, int root, const char *path, bool follow, struct spot *out)
{
	for (int links = 0; links <= MAX_LINKS; links++) {
		auto_spot s = SPOT_NONE;
		const char *dir;
		int r = look(a, root, path, &dir, &s);

		if (r < 0)
			return r;
		if (!s.exists || !S_ISLNK(s.st.st_mode) || !(follow || s.slash)) {
			*out = s;
			s.parent = -1;
			return 0;
		}
		r = through(a, &s, dir, &path);
		if (r < 0)
			return r;
	}
	return -ELOOP;
}
