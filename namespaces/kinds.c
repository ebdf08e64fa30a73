/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namespaces/kinds.h"

const struct ns_kind ns_kinds[NS_KINDS] = {
	{ CLONE_NEWUSER, "user", "user", true },
	{ CLONE_NEWCGROUP, "cgroup", "cgroup", false },
	{ CLONE_NEWIPC, "ipc", "ipc", false },
	{ CLONE_NEWUTS, "uts", "uts", false },
	{ CLONE_NEWNET, "network", "net", false },
	{ CLONE_NEWPID, "pid", "pid", true },
	{ CLONE_NEWTIME, "time", "time", true },
	{ CLONE_NEWNS, "mount", "mnt", false },
};

const struct ns_kind *ns_kind_of(int flag)
{
	for (size_t i = 0; i < NS_KINDS; i++)
		if (ns_kinds[i].flag == flag)
			return &ns_kinds[i];
	return NULL;
}
