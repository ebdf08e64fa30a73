/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "namespaces/tree.h"

static mode_t type_bits(int type)
{
	return type == 'b' ? S_IFBLK : type == 'p' ? S_IFIFO : S_IFCHR;
}

/* The image may bring its own /dev: what already is the right device stays, anything else is replaced. */
static int keep_or_remove(int dir, const struct mnt_dev *d, const char *name, bool *keep)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	*keep = (st.st_mode & S_IFMT) == type_bits(d->type) && (d->type == 'p' || st.st_rdev == makedev(d->major, d->minor));
	return *keep || unlinkat(dir, name, 0) == 0 ? 0 : -errno;
}

static int make_node(int dir, const struct mnt_dev *d, const char *name)
{
	mode_t mode = type_bits(d->type) | (mode_t)d->mode;
	bool keep = false;
	int r;

	if (mknodat(dir, name, mode, makedev(d->major, d->minor)) < 0) {
		if (errno != EEXIST)
			return -errno;
		r = keep_or_remove(dir, d, name, &keep);
		if (r < 0)
			return r;
		if (!keep && mknodat(dir, name, mode, makedev(d->major, d->minor)) < 0)
			return -errno;
	}
	if ((d->uid || d->gid) && fchownat(dir, name, d->uid, d->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

/* Only a path: what the image has there may be a device that does something when it is opened. */
static int attach_over(int tree, int dir, const char *name)
{
	auto_fd target = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (target < 0 || fstat(target, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ELOOP;
	return mnt_attach(tree, target);
}

/* The host's node must be the device that was asked for: the path alone proves nothing. */
static int bind_node(int dir, const struct mnt_dev *d, const char *name)
{
	auto_fd tree = sys_open_tree(AT_FDCWD, d->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	/* It is the host's inode: its mode and owner are not the container's to change.  A device can be written to
	 * through a read-only mount. */
	struct mount_attr guard = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };
	struct stat st;
	int r;

	if (tree < 0)
		return tree;
	if (fstat(tree, &st) < 0)
		return -errno;
	if ((st.st_mode & S_IFMT) != type_bits(d->type) || st.st_rdev != makedev(d->major, d->minor))
		return -ENODEV;
	r = sys_mount_setattr(tree, "", AT_EMPTY_PATH, &guard);
	if (r < 0)
		return r;
	/* By its name, which move_mount(2) follows no link for. */
	if (mknodat(dir, name, S_IFREG | 0644, 0) == 0)
		return sys_move_mount(tree, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH);
	return errno == EEXIST ? attach_over(tree, dir, name) : -errno;
}

static int make_dev(int root, int dev, const struct mnt_dev *d, struct err *e)
{
	auto_fd own = -1;
	const char *name = d->path + strlen("/dev/");
	int r;

	if (!path_is_under(d->path, "/dev") || strchr(name, '/')) {
		own = path_parent_in(root, d->path, &name);
		dev = own;
	}
	r = dev < 0 ? dev : d->bind ? -EPERM : make_node(dev, d, name);
	/* Also when kist itself runs as root of a user namespace, where mknod(2) is refused. */
	if (r == -EPERM && d->type != 'p')
		r = bind_node(dev, d, name);
	if (r == -ENODEV)
		return err_set(e, ENODEV, "device %s: the host's %s is not the device %u:%u, and in a user namespace it must be bound from there",
			       d->path, d->path, d->major, d->minor);
	return r < 0 ? err_num(e, r, "make device %s", d->path) : 0;
}

static const struct {
	const char *to, *name;
} links[] = {
	{ "/proc/self/fd", "fd" },	 { "/proc/self/fd/0", "stdin" }, { "/proc/self/fd/1", "stdout" },
	{ "/proc/self/fd/2", "stderr" }, { "/proc/kcore", "core" },	 { "pts/ptmx", "ptmx" },
};

static int make_links(int dev, struct err *e)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (symlinkat(links[i].to, dev, links[i].name) == 0)
			continue;
		if (errno != EEXIST)
			return err_sys(e, "link /dev/%s", links[i].name);
		/* A ptmx of the image would open the host's terminals; the rest may be as the image has it. */
		if (strcmp(links[i].name, "ptmx"))
			continue;
		if (unlinkat(dev, "ptmx", 0) < 0 || symlinkat(links[i].to, dev, "ptmx") < 0)
			return err_sys(e, "replace /dev/ptmx of the image");
	}
	return 0;
}

/* One descriptor for the image's /dev, never over a link: nodes are made before pivot_root, so a link there
 * would make them on the host (CVE-2026-41579, CVE-2026-47766, CVE-2026-88264). */
static int open_dev(const struct mnt_site *s, int *own, struct err *e)
{
	const char *name;
	int dev = mnt_site_holder(s, "/dev/", &name), root = s->root;

	if (dev >= 0)
		return dev;
	dev = sys_openat2(root, "dev", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (dev == -ENOENT && mkdirat(root, "dev", 0755) == 0)
		dev = fd_open(root, "dev", O_PATH | O_DIRECTORY | O_NOFOLLOW);
	if (dev == -ELOOP || dev == -ENOTDIR)
		return err_set(e, -dev, "/dev of the image is a symbolic link or a file, not a directory: device nodes are refused there");
	*own = dev;
	return dev < 0 ? err_num(e, dev, "open /dev of the image") : dev;
}

int mnt_make_devices(const struct mnt_plan *p, const struct mnt_site *s, struct err *e)
{
	auto_fd own = -1;
	int dev, r = 0;

	if (!p->devs.len && !p->default_links)
		return 0;
	dev = open_dev(s, &own, e);
	if (dev < 0)
		return dev;
	for (size_t i = 0; i < p->devs.len && !r; i++)
		r = make_dev(s->root, dev, &p->devs.at[i], e);
	if (!r && p->default_links)
		r = make_links(dev, e);
	return r;
}

/* Proves that this is the multiplexer of a devpts, not something the image put there. */
static int open_ptmx(int root, struct err *e)
{
	auto_fd dir = path_open_in(root, "dev/pts", O_PATH | O_DIRECTORY);
	auto_fd fd = -1;
	struct statfs fs;
	struct stat st;

	if (dir < 0 || fstatfs(dir, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC)
		return err_set(e, ENODEV, "no devpts is mounted on /dev/pts, and the terminal comes from there");
	/* Nothing of the image is opened: in a devpts all entries are the kernel's. */
	fd = fd_open(dir, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0)
		return err_num(e, fd, "open /dev/pts/ptmx for the terminal");
	if (fstat(fd, &st) < 0)
		return err_sys(e, "stat /dev/pts/ptmx");
	if (st.st_ino != 2 || st.st_rdev != makedev(5, 2))
		return err_set(e, ENODEV, "/dev/pts/ptmx in the container is not a terminal multiplexer");
	return take_fd(&fd);
}

static int bind_console(int root, int slave, struct err *e)
{
	auto_fd dev = sys_openat2(root, "dev", O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	auto_fd file = -1;
	auto_fd tree = -1;
	int r;

	if (dev < 0)
		return err_num(e, dev, "open /dev for the console");
	if (mknodat(dev, "console", S_IFREG | 0600, 0) < 0 && errno != EEXIST)
		return err_sys(e, "make /dev/console");
	file = openat(dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	tree = mnt_clone(slave, 0);
	r = file < 0 ? -errno : tree < 0 ? tree : mnt_attach(tree, file);
	return r < 0 ? err_num(e, r, "bind the terminal on /dev/console") : 0;
}

int mnt_make_console(int root, uint32_t uid, uint32_t gid, bool bind, struct mnt_console *out, struct err *e)
{
	auto_fd master = open_ptmx(root, e);
	auto_fd slave = -1;
	int unlock = 0, r;

	if (master < 0)
		return master;
	/* TIOCGPTPEER, not a path: /dev/pts/N could be swapped meanwhile (CVE-2025-52565). */
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return err_sys(e, "unlock the terminal");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return err_sys(e, "open the terminal");
	if (fchown(slave, uid, gid) < 0)
		return err_sys(e, "give the terminal to user %u", uid);
	r = bind ? bind_console(root, slave, e) : 0;
	if (r < 0)
		return r;
	*out = (struct mnt_console){ take_fd(&master), take_fd(&slave) };
	return 0;
}
