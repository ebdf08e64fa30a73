/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroups/group.h"

/* What the kernel says can be delegated (cgroups(7)); before 4.15 these, by config-linux.md "Cgroup ownership". */
#define DELEGATE "/sys/kernel/cgroup/delegate"
#define ALWAYS "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n"

int cg_give(struct arena *a, int dir, uint32_t owner, struct err *e)
{
	char *list = NULL;
	int r;

	if (file_read(a, AT_FDCWD, DELEGATE, 4096, &list, NULL) < 0)
		list = arena_strdup(a, ALWAYS);
	if (fchown(dir, owner, (gid_t)-1) < 0)
		return err_sys(e, "give the cgroup to uid %u, as the writable mount of /sys/fs/cgroup asks", owner);
	/* What is deeper than kist looks would be out of its reach. */
	r = file_poke(dir, "cgroup.max.depth", arena_printf(a, "%d", CG_MOST_LEVELS - 1));
	if (r < 0)
		return err_num(e, r, "limit the depth of cgroups below the container's");
	for (char *save, *name = strtok_r(list, "\n", &save); name; name = strtok_r(NULL, "\n", &save))
		/* A file of a controller that this cgroup does not have. */
		if (fchownat(dir, name, owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
			return err_sys(e, "give the cgroup's %s to uid %u", name, owner);
	return 0;
}
