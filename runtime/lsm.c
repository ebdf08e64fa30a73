/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/process.h"

/*
 * Labels take effect at the next execve(2).  They are written through a procfs that nobody else can reach,
 * to our own pid by number: "self" is a link, and the container's /proc may be anything (CVE-2019-16884,
 * CVE-2025-52881).
 */
static int write_attr(int procfs, const char *attr, const char *value)
{
	char path[64];
	auto_fd fd = -1;

	snprintf(path, sizeof(path), "%d/attr/%s", (int)getpid(), attr);
	fd = sys_openat2(procfs, path, O_WRONLY | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	return fd < 0 ? fd : fd_write_all(fd, value, strlen(value));
}

static int label_error(struct err *e, int r, const char *what, const char *value)
{
	if (r == -ENOENT || r == -EINVAL)
		return err_set(e, ENOENT, "%s \"%s\": this host has no such profile, or the security module is not active; remove it from process", what,
			       value);
	return err_num(e, r, "apply %s \"%s\"", what, value);
}

static int apparmor(const char *profile, int procfs, struct err *e)
{
	char value[512];
	int r;

	if (!profile || !*profile)
		return 0;
	if (snprintf(value, sizeof(value), "exec %s", profile) >= (int)sizeof(value))
		return err_set(e, EINVAL, "process.apparmorProfile is too long");
	r = write_attr(procfs, "apparmor/exec", value);
	if (r == -ENOENT)
		r = write_attr(procfs, "exec", value);
	return r < 0 ? label_error(e, r, "process.apparmorProfile", profile) : 0;
}

int process_labels(const struct process_plan *p, int procfs, struct err *e)
{
	const char *label = p->spec->selinux_label;
	int r = apparmor(p->spec->apparmor_profile, procfs, e);

	if (r || !label || !*label)
		return r;
	r = write_attr(procfs, "exec", label);
	return r < 0 ? label_error(e, r, "process.selinuxLabel", label) : 0;
}
