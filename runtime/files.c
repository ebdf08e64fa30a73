/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "net/etc.h"
#include "storage/store.h"

/* Its directory, by two ways: nobody else's files are written to. */
static int open_instance(const struct ct_ctx *c, const struct plan *p, int data, struct err *e)
{
	auto_fd dir = fd_open(data, arena_printf(c->arena, "instances/%s", p->id), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	struct stat here, there;

	if (dir >= 0 && fstat(dir, &here) == 0 && stat(p->bundle, &there) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino)
		return take_fd(&dir);
	return err_set(e, EINVAL, "kist.names: %s is not the directory of an instance, and only instances have files that kist makes", p->bundle);
}

int files_make(const struct ct_ctx *c, const struct plan *p, struct err *e)
{
	const struct net_etc *t = &p->net.etc;
	auto_store store = ST_NONE;
	auto_fd dir = -1;
	int r = 0;

	if (!t->hosts && !t->hostname && !t->resolver)
		return 0;
	r = st_open(c->arena, c->data, false, &store, e);
	if (!r)
		r = dir = open_instance(c, p, store.dir, e);
	return r < 0 ? r : net_etc_make(c->arena, store.dir, dir, &p->net, p->id, e);
}

static bool has_hosts(const struct oci_spec *spec)
{
	for (size_t i = 0; spec->kist && spec->kist->names && spec->kist->names->hosts && i < spec->mounts.len; i++)
		if (!strcmp(spec->mounts.at[i].destination, "/etc/hosts"))
			return spec->mounts.at[i].source && !strcmp(spec->mounts.at[i].source, "hosts");
	return false;
}

static int follow_hosts(const struct ct_record *r, int dir, struct err *e)
{
	auto_fd file = fd_open(dir, "hosts", O_PATH | O_NOFOLLOW);
	auto_fd pidfd = file < 0 ? file : record_pidfd(r);
	auto_fd root = pidfd < 0 ? pidfd : record_root(r, pidfd);

	if (root < 0)
		return root == -ESRCH ? 0 : err_num(e, root, "open the hosts file of container %s", r->id);
	return mnt_cover(pidfd, root, "/etc/hosts", file, e);
}

int files_follow(const struct ct_ctx *c, const struct ct_record *r, const struct oci_spec *spec, const struct net_plan *p, struct err *e)
{
	auto_fd dir = -1;
	int rc;

	if (!spec->kist || !spec->kist->names)
		return 0;
	dir = fd_open(AT_FDCWD, r->bundle, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (dir < 0)
		return err_num(e, dir, "open the directory of instance %s", r->id);
	rc = net_etc_follow(c->arena, dir, p, r->id, e);
	return rc || !has_hosts(spec) ? rc : follow_hosts(r, dir, e);
}
