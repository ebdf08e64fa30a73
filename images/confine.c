/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/confine.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/sys.h"

enum { ABI_REFER = 2, ABI_TRUNCATE = 3 };

/* Everything that changes a tree.  Without REFER (version 1) no hard link could be made, so that version is not used. */
static uint64_t changes(int abi)
{
	uint64_t all = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		       LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		       LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		       LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER;

	return abi >= ABI_TRUNCATE ? all | (1ULL << 14) /* LANDLOCK_ACCESS_FS_TRUNCATE, Linux 6.2 */ : all;
}

int img_confine(int dir, struct err *e)
{
	int abi = sys_landlock_create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr handled = { .handled_access_fs = changes(abi) };
	struct landlock_path_beneath_attr beneath = { .allowed_access = changes(abi), .parent_fd = dir };
	auto_fd rules = abi < ABI_REFER ? -1 : sys_landlock_create(&handled, sizeof(handled), 0);
	int r;

	if (abi < ABI_REFER)
		return 1;
	if (rules < 0)
		return err_num(e, rules, "make a Landlock ruleset");
	r = sys_landlock_add_path(rules, &beneath);
	if (!r && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (!r)
		r = sys_landlock_restrict(rules);
	return r < 0 ? err_num(e, r, "confine this process to the data directory") : 0;
}
