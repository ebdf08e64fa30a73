/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/sys.h"
#include "namespaces/tree.h"

static bool is_same(int x, int y)
{
	struct stat s, t;

	return fstat(x, &s) == 0 && fstat(y, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* The mount is not locked, as those from before the pivot are: root inside may take it off and find the older file. */
static int make_tree(int file)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
				   .propagation = MS_PRIVATE };
	auto_fd tree = mnt_clone(file, 0);
	int r = tree < 0 ? tree : sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr);

	return r < 0 ? r : take_fd(&tree);
}

/* A process of its own, because nobody gets out of a mount namespace again. */
static int attach_inside(int init, int tree, int target)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(setns(init, CLONE_NEWNS) < 0 ? errno : -mnt_attach(tree, target));
	status = proc_wait(pid);
	return status < 0 ? status : -proc_exit_code(status);
}

int mnt_cover(int init, int root, const char *path, int file, struct err *e)
{
	auto_fd target = path_open_in(root, path, O_PATH);
	auto_fd tree = -1;
	int r;

	if (target >= 0 && is_same(target, file))
		return 0;
	tree = target < 0 ? target : make_tree(file);
	r = tree < 0 ? tree : attach_inside(init, tree, target);
	return r < 0 ? err_num(e, r, "bind another file on %s of a container that runs", path) : 0;
}
