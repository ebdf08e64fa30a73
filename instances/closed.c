/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/closed.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* 1: something above it keeps everybody out.  Its own mode says nothing: the instance's root can change that. */
static int is_closed(const char *place)
{
	char path[PATH_MAX], *slash;
	struct stat st;

	if (!realpath(place, path))
		return errno == ENOENT ? 1 : -errno; /* nothing to write to: the container's making says so better */
	while ((slash = strrchr(path, '/'))[1]) {
		slash[slash == path] = 0;
		if (stat(path, &st) < 0)
			return -errno;
		if (!st.st_uid && !(st.st_mode & 011))
			return 1;
	}
	return 0;
}

static int check(const char *place, const char *option, const char *cure, struct err *e)
{
	int r = is_closed(place);

	if (r < 0)
		return err_num(e, r, "option --%s: look at %s", option, place);
	if (r)
		return 0;
	return err_set(e, EPERM,
		       "option --%s: other users of this host can reach %s, and could run what the instance makes set-user-ID there; move it "
		       "below a directory of root's with mode 0700, or %s",
		       option, place, cure);
}

static bool is_writable_with_ids(const struct oci_mount *m)
{
	bool mapped = false, writable = true;

	for (size_t i = 0; i < m->options.len; i++) {
		const char *word = m->options.at[i];

		mapped |= !strcmp(word, "idmap") || !strcmp(word, "ridmap");
		writable = strcmp(word, "ro") != 0 && (writable || !strcmp(word, "rw"));
	}
	return mapped && writable && m->source;
}

int inst_check_closed(const struct oci_spec *s, struct err *e)
{
	const struct oci_kist_root *layers = s->kist ? s->kist->root : NULL;
	int r = 0;

	if (layers && !layers->lower.len)
		r = check(s->root->path, "rootfs", "add --overlay", e);
	for (size_t i = 0; i < s->mounts.len && !r; i++)
		if (is_writable_with_ids(&s->mounts.at[i]))
			r = check(s->mounts.at[i].source, "volume", "add ro, or take a named volume", e);
	return r;
}
