/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/instance.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "instances/ids.h"
#include "storage/objects.h"
#include "storage/volume.h"

static void release_ids(const struct inst *i)
{
	if (i->ids)
		inst_ids_release(i->a, &i->store, i->name, i->ids);
}

/* The document goes first: without it there is no instance, and what is left is a leftover. */
int inst_remove(struct inst *i, struct err *e)
{
	auto_fd parent = st_subdir(&i->store, "instances", e);
	char left[ST_NEW_NAME];
	int r;

	if (parent < 0)
		return parent;
	r = st_unname(parent, i->name, left);
	if (r < 0 && r != -ENOENT)
		return err_num(e, r, "remove instance %s", i->name);
	release_ids(i);
	r = r ? 0 : st_remove_tree(parent, left);
	return r < 0 ? err_num(e, r, "remove the files of instance %s", i->name) : 0;
}

static bool is_used(const inst_uses *uses, const char *volume)
{
	for (size_t k = 0; k < uses->len; k++)
		if (!strcmp(uses->at[k].volume, volume))
			return true;
	return false;
}

/* Somebody else may have begun to use them in the meantime. */
static void drop_volumes(const struct inst *i)
{
	auto_fd lock = st_lock(&i->store, INST_VOLUMES_LOCK, true, NULL);
	inst_uses uses;

	if (lock < 0 || inst_volume_uses(i->a, i->store.path, &uses, NULL) < 0)
		return;
	for (size_t k = 0; k < i->new_volumes.len; k++)
		if (!is_used(&uses, i->new_volumes.at[k]))
			(void)st_volume_remove(i->a, &i->store, i->new_volumes.at[k], NULL);
}

static void undo(struct inst *i)
{
	if (i->path)
		(void)inst_remove(i, NULL);
	else
		release_ids(i);
	if (i->new_volumes.len)
		drop_volumes(i);
}

void inst_done(struct inst *i)
{
	if (i->name && !i->kept && i->store.dir >= 0)
		undo(i);
	fd_done(&i->dir);
	st_done(&i->store);
}

static int open_instance(struct arena *a, const char *data, const char *name, bool whole, struct inst *out, struct err *e)
{
	auto_inst i = INST_NONE;
	int r;

	i.a = a;
	i.kept = true;
	/* First: what is wrong with the data directory is no concern of a container that is no instance. */
	if (ct_check_id(name, NULL) || access(arena_printf(a, "%s/instances/%s", data, name), F_OK) < 0)
		return -ENOENT;
	r = st_open(a, data, false, &i.store, e);
	if (r)
		return r;
	i.name = name;
	i.path = arena_printf(a, "%s/instances/%s", i.store.path, name);
	i.dir = fd_open(AT_FDCWD, i.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (i.dir == -ENOENT)
		return -ENOENT;
	r = i.dir < 0 ? err_num(e, i.dir, "open the directory of instance %s", name) : inst_reload(&i, whole ? e : NULL);
	if (r && (whole || i.dir < 0))
		return r;
	if (r)
		memset(&i.spec, 0, sizeof(i.spec));
	*out = i;
	i = (struct inst)INST_NONE;
	return 0;
}

int inst_open(struct arena *a, const char *data, const char *name, struct inst *out, struct err *e)
{
	return open_instance(a, data, name, true, out, e);
}

int inst_open_any(struct arena *a, const char *data, const char *name, struct inst *out, struct err *e)
{
	return open_instance(a, data, name, false, out, e);
}

const char *inst_stop_signal(const struct inst *i)
{
	return i->spec.kist && i->spec.kist->stop_signal ? i->spec.kist->stop_signal : "TERM";
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int inst_list(struct arena *a, const char *data, strings *out, struct err *e)
{
	DIR *d = opendir(arena_printf(a, "%s/instances", data));
	struct strv v = { .arena = a };

	*out = (strings){ NULL, 0 };
	if (!d)
		return errno == ENOENT || errno == EACCES ? 0 : err_sys(e, "read %s/instances", data);
	for (const struct dirent *n = readdir(d); n; n = readdir(d))
		if (*n->d_name != '.')
			strv_add(&v, arena_strdup(a, n->d_name));
	closedir(d);
	if (v.len)
		qsort((void *)v.at, v.len, sizeof(*v.at), by_name);
	*out = (strings){ v.at, v.len };
	return 0;
}

int inst_volume_uses(struct arena *a, const char *data, inst_uses *out, struct err *e)
{
	inst_uses l = { NULL, 0 };
	strings names;
	int r = inst_list(a, data, &names, e);

	for (size_t k = 0; !r && k < names.len; k++) {
		auto_inst i = INST_NONE;

		r = inst_open(a, data, names.at[k], &i, e);
		for (size_t v = 0; !r && i.spec.kist && v < i.spec.kist->volumes.len; v++) {
			l.at = arena_grow(a, l.at, l.len, sizeof(*l.at));
			l.at[l.len++] = (struct inst_use){ i.spec.kist->volumes.at[v], names.at[k] };
		}
		r = r == -ENOENT ? 0 : r; /* removed at this moment */
	}
	*out = l;
	return r;
}
