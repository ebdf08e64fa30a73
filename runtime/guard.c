/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/guard.h"

#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

#define EXE "/proc/self/exe"
enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static bool has_place(const oci_mappings *uids, uint32_t host)
{
	for (size_t i = 0; i < uids->len; i++)
		if (host >= uids->at[i].host && host - uids->at[i].host < uids->at[i].size)
			return true;
	return false;
}

static bool is_protected(const oci_mappings *uids)
{
	enum { FOR_EVER = STATX_ATTR_IMMUTABLE | STATX_ATTR_VERITY };
	struct statfs fs;
	struct statx stx;

	if (statfs(EXE, &fs) == 0 && fs.f_flags & ST_RDONLY)
		return true;
	if (statx(AT_FDCWD, EXE, 0, STATX_UID | STATX_MODE, &stx) < 0)
		return false;
	return stx.stx_attributes & FOR_EVER || (uids->len && !has_place(uids, stx.stx_uid) && !(stx.stx_mode & 022));
}

static bool is_sealed_copy(void)
{
	auto_fd fd = fd_open(AT_FDCWD, EXE, O_RDONLY);
	int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS); /* -1: no file that has any */

	return seals >= 0 && (seals & SEALS) == SEALS;
}

static int readonly_self(void)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_fd tree = sys_open_tree(AT_FDCWD, EXE, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int r = tree < 0 ? tree : sys_mount_setattr(tree, "", AT_EMPTY_PATH, &ro);

	return r < 0 ? r : take_fd(&tree);
}

static int sealed_copy(void)
{
	auto_fd in = fd_open(AT_FDCWD, EXE, O_RDONLY);
	auto_fd out = memfd_create("kist", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n;

	if (in < 0 || out < 0)
		return -errno;
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	if (n < 0 || fchmod(out, 0555) < 0 || fcntl(out, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return take_fd(&out);
}

int guard_program(struct err *e)
{
	struct statfs fs;
	bool is_safe = (statfs(EXE, &fs) == 0 && fs.f_flags & ST_RDONLY) || is_sealed_copy();
	int fd = is_safe ? fd_open(AT_FDCWD, EXE, O_PATH) : readonly_self();

	if (fd < 0 && !is_safe)
		fd = sealed_copy();
	return fd < 0 ? err_num(e, fd, "open kist's own program file, which is to be the init of the container") : fd;
}

int guard_exe(const struct ct_ctx *c, const oci_mappings *uids, struct err *e)
{
	char self[PATH_MAX];
	ssize_t n;
	int fd;

	if (is_protected(uids))
		return 0;
	fd = readonly_self();
	if (fd < 0) {
		if (is_sealed_copy())
			return 0;
		fd = sealed_copy();
	}
	if (fd < 0)
		return err_num(e, fd, "protect kist's own program file from the container");
	/* The detached mount has no path: helpers are found beside the file by this name, which is proven when it is
	 * used (base/self.h). */
	n = readlink(EXE, self, sizeof(self) - 1);
	if (n > 0 && *self == '/') {
		self[n] = 0;
		c->argv[0] = arena_strdup(c->arena, self);
	}
	execveat(fd, "", (char *const *)c->argv, environ, AT_EMPTY_PATH);
	return err_sys(e, "execute kist again from a protected copy of itself");
}
