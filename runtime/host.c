/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/host.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

enum { MAX_PROC = 4 << 20 };

/* mountinfo (proc(5)): fields 1-6, optional ones, "-", type …; field 5 is the mount point. */
static const char *mount_point(struct arena *a, char *line)
{
	char *sep = strstr(line, " - "), *save = NULL, *field = NULL;

	if (!sep || strncmp(sep + 3, "cgroup2 ", 8))
		return NULL;
	for (int i = 0; i < 5; i++)
		field = strtok_r(i ? NULL : line, " ", &save);
	return field ? arena_strdup(a, field) : NULL;
}

const char *host_cgroup_mount(struct arena *a)
{
	static const char *const usual[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	static const char *known; /* one command asks several times */
	const char *found = NULL;
	char *text, *line, *save = NULL;
	struct statfs fs;

	for (size_t i = 0; !known && i < sizeof(usual) / sizeof(usual[0]); i++)
		if (statfs(usual[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			known = usual[i];
	if (known)
		return known;
	if (file_read(a, AT_FDCWD, "/proc/self/mountinfo", MAX_PROC, &text, NULL) < 0)
		return NULL;
	for (line = strtok_r(text, "\n", &save); line && !found; line = strtok_r(NULL, "\n", &save))
		found = mount_point(a, line);
	return found;
}

/* The line of cgroup v2 is "0::/path" (cgroups(7)). */
const char *host_cgroup_of(struct arena *a, const char *file)
{
	char *text, *line;

	if (file_read(a, AT_FDCWD, file, MAX_PROC, &text, NULL) < 0)
		return NULL;
	line = strncmp(text, "0::", 3) ? strstr(text, "\n0::") : text - 1;
	if (!line)
		return NULL;
	line += 4;
	line[strcspn(line, "\n")] = 0;
	return line;
}

/* The number of the first user namespace is part of the kernel's interface (linux/nsfs.h). */
static bool is_nested(void)
{
	enum { FIRST_USER_NS = 0xEFFFFFFD };
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && (unsigned)st.st_ino != (unsigned)FIRST_USER_NS;
}

static bool setgroups_denied(struct arena *a)
{
	char *text;

	return file_read(a, AT_FDCWD, "/proc/self/setgroups", 64, &text, NULL) == 0 && text_starts(text, "deny");
}

int host_probe(struct arena *a, bool want_controllers, struct host *out, struct err *e)
{
	struct host h = { .uid = sys_euid(), .gid = sys_egid(), .controllers = "" };
	char *words;
	int r;

	h.cgroup_mount = host_cgroup_mount(a);
	h.nested = !h.uid && is_nested();
	h.deny_setgroups = h.nested && setgroups_denied(a);
	if (h.uid || h.nested)
		h.own_cgroup = host_cgroup_of(a, "/proc/self/cgroup");
	if (!h.own_cgroup)
		h.own_cgroup = "/";
	if (want_controllers && h.cgroup_mount) {
		r = file_read(a, AT_FDCWD, arena_printf(a, "%s/cgroup.controllers", h.cgroup_mount), 4096, &words, NULL);
		if (r < 0)
			return err_num(e, r, "read %s/cgroup.controllers", h.cgroup_mount);
		h.controllers = words;
	}
	*out = h;
	return 0;
}

struct ns_host host_for_ns(const struct host *h)
{
	return (struct ns_host){ .uid = h->uid, .gid = h->gid, .privileged = !h->uid, .deny_setgroups = h->deny_setgroups };
}

struct mnt_host host_for_mnt(const struct host *h)
{
	return (struct mnt_host){ .privileged = !h->uid && !h->nested, .cgroup_mount = h->cgroup_mount };
}

struct cg_host host_for_cg(const struct host *h)
{
	return (struct cg_host){ .mount = h->cgroup_mount, .controllers = h->controllers, .own = h->own_cgroup,
				 .privileged = !h->uid && !h->nested };
}
