/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of files beside their content. */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "base/text.h"
#include "instances/carry.h"
#include "instances/parcel.h"

/* Without names in <linux/magic.h>. */
enum { CONFIGFS = 0x62656570, MQUEUE = 0x19800202 };

bool carry_is_kernels(int fd)
{
	static const uint32_t kinds[] = {
		PROC_SUPER_MAGIC, SYSFS_MAGIC,	  CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,
		TRACEFS_MAGIC,	  SECURITYFS_MAGIC, SELINUX_MAGIC,    SMACK_MAGIC,	   BPF_FS_MAGIC,
		EFIVARFS_MAGIC,	  PSTOREFS_MAGIC, DEVPTS_SUPER_MAGIC, BINFMTFS_MAGIC,	   NSFS_MAGIC,
		CONFIGFS,	  MQUEUE,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((uint32_t)fs.f_type == kinds[i])
			return true;
	return false;
}

static bool is_carried(const char *name)
{
	return text_starts(name, "user.") || !strcmp(name, "security.capability");
}

static int get_one(int fd, const char *name, char *buf, size_t *len)
{
	size_t n = strlen(name) + 1, head = n + sizeof(uint32_t);
	ssize_t size;
	uint32_t words;

	if (*len + head > PARCEL_XATTRS)
		return -E2BIG;
	size = fgetxattr(fd, name, buf + *len + head, PARCEL_XATTRS - *len - head);
	if (size < 0)
		return errno == ENODATA ? 0 : errno == ERANGE ? -E2BIG : -errno;
	words = (uint32_t)size;
	memcpy(buf + *len, name, n);
	memcpy(buf + *len + n, &words, sizeof(words));
	*len += head + (size_t)size;
	return 0;
}

int carry_get_xattrs(int fd, char *buf, size_t *len)
{
	char names[1 << 16];
	ssize_t n = flistxattr(fd, names, sizeof(names));
	int r = 0;

	*len = 0;
	if (n < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (const char *p = names; p < names + n && !r; p += strlen(p) + 1)
		if (is_carried(p))
			r = get_one(fd, p, buf, len);
	return r;
}

int carry_set_xattrs(int fd, const char *at, size_t len)
{
	for (const char *end = at + len; at < end;) {
		size_t n = strnlen(at, (size_t)(end - at));
		const char *name = at;
		uint32_t size;

		if (n + 1 + sizeof(size) > (size_t)(end - at) || !is_carried(name))
			return -EPROTO;
		memcpy(&size, at + n + 1, sizeof(size));
		at += n + 1 + sizeof(size);
		if (size > (size_t)(end - at))
			return -EPROTO;
		if (fsetxattr(fd, name, at, size, 0) < 0)
			return -errno;
		at += size;
	}
	return 0;
}
