/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sched.h>

#include "base/fd.h"
#include "runtime/record.h"

void ct_reach_done(struct ct_reach *r)
{
	fd_done(&r->root);
	fd_done(&r->user);
}

int ct_reach(const struct ct_ctx *c, const char *id, struct ct_reach *out, struct err *e)
{
	auto_fd dir = record_open_dir(c->root, id, RECORD_READ, e);
	auto_reach reach = CT_REACH_NONE;
	auto_fd pidfd = -1;
	struct ct_record rec;
	int r = dir < 0 ? dir : record_load(c->arena, dir, id, &rec, e);

	if (r < 0)
		return r;
	pidfd = record_pidfd(&rec);
	if (pidfd >= 0)
		reach.root = record_root(&rec, pidfd);
	if (pidfd == -ESRCH || reach.root == -ESRCH)
		return err_set(e, ESRCH, "container %s does not run", id);
	if (pidfd < 0 || reach.root < 0)
		return err_num(e, pidfd < 0 ? pidfd : reach.root, "open the root of container %s", id);
	if (record_namespaces(&rec) & CLONE_NEWUSER)
		reach.user = take_fd(&pidfd);
	*out = reach;
	reach = (struct ct_reach)CT_REACH_NONE;
	return 0;
}
