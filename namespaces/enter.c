/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namespaces/enter.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

static int join_one(const struct ns_join *j, int fd, struct err *e)
{
	if (setns(fd, j->kind->flag) == 0)
		return 0;
	if (errno == EINVAL)
		return err_set(e, EINVAL, "join %s namespace %s: the file is not a %s namespace, or the process is in it already",
			       j->kind->word, j->path, j->kind->word);
	return err_sys(e, "join %s namespace %s", j->kind->word, j->path);
}

/* Joining where we are already changes nothing, so what is then set inside would be set on the host. */
static int refuse_own(const struct ns_plan *p, const struct ns_join *j, int fd, struct err *e)
{
	bool uts = j->kind->flag == CLONE_NEWUTS && (p->hostname || p->domainname);
	bool sysctls = p->sysctls.len && j->kind->flag & (CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
	struct stat theirs, own;
	char path[40];

	if (!uts && !sysctls)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/ns/%s", j->kind->proc);
	if (fstat(fd, &theirs) < 0 || stat(path, &own) < 0)
		return err_sys(e, "stat %s namespace %s", j->kind->word, j->path);
	if (theirs.st_ino != own.st_ino || theirs.st_dev != own.st_dev)
		return 0;
	return err_set(e, EPERM, "join %s namespace %s: it is the one that kist itself is in, and %s would change the host", j->kind->word,
		       j->path, uts ? "hostname or domainname" : "linux.sysctl");
}

int ns_join_all(const struct ns_plan *p, struct err *e)
{
	int fds[NS_KINDS], r = 0;
	size_t n;

	for (n = 0; n < p->joins.len; n++) {
		fds[n] = fd_open(AT_FDCWD, p->joins.at[n].path, O_RDONLY);
		if (fds[n] < 0) {
			r = err_num(e, fds[n], "open %s namespace %s", p->joins.at[n].kind->word, p->joins.at[n].path);
			break;
		}
	}
	for (size_t i = 0; i < p->joins.len && !r; i++)
		r = refuse_own(p, &p->joins.at[i], fds[i], e);
	for (size_t i = 0; i < p->joins.len && !r; i++)
		r = join_one(&p->joins.at[i], fds[i], e);
	while (n)
		close(fds[--n]);
	return r;
}

void ns_time_done(struct ns_time *t)
{
	fd_done(&t->offsets);
}

int ns_open_time(const struct ns_plan *p, struct ns_time *t, struct err *e)
{
	if (p->offsets)
		t->offsets = fd_open(AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY);
	return p->offsets && t->offsets < 0 ? err_num(e, t->offsets, "open /proc/self/timens_offsets for linux.timeOffsets") : 0;
}

int ns_new_time(const struct ns_plan *p, const struct ns_time *t, struct err *e)
{
	char line[96];
	int n = 0, r;

	if (unshare(CLONE_NEWTIME) < 0)
		return err_sys(e, "make a time namespace");
	if (!p->offsets)
		return 0;
	for (int boot = 0; boot < 2; boot++) {
		const struct oci_time_offset *o = boot ? p->offsets->boottime : p->offsets->monotonic;

		if (o)
			n += snprintf(line + n, sizeof(line) - (size_t)n, "%s %lld %u\n", boot ? "boottime" : "monotonic",
				      (long long)(o->secs ? *o->secs : 0), o->nanosecs ? *o->nanosecs : 0);
	}
	r = n ? fd_write_all(t->offsets, line, (size_t)n) : 0;
	return r < 0 ? err_num(e, r, "set linux.timeOffsets (the resulting clock must not be negative)") : 0;
}

/* Every new network namespace has its loopback down; a service that binds 127.0.0.1 needs it up. */
static int loopback_up(struct err *e)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING };
	auto_fd s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &lo) < 0)
		return err_sys(e, "bring up the loopback interface");
	return 0;
}

int ns_apply_settings(const struct ns_plan *p, struct err *e)
{
	if (p->hostname && sethostname(p->hostname, strlen(p->hostname)) < 0)
		return err_sys(e, "set hostname %s", p->hostname);
	if (p->domainname && setdomainname(p->domainname, strlen(p->domainname)) < 0)
		return err_sys(e, "set domainname %s", p->domainname);
	return p->loopback ? loopback_up(e) : 0;
}

int ns_write_sysctls(const struct ns_plan *p, int procfs, struct err *e)
{
	auto_fd sys = -1;

	if (!p->sysctls.len)
		return 0;
	sys = sys_openat2(procfs, "sys", O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (sys < 0)
		return err_num(e, sys, "open /proc/sys for linux.sysctl");
	for (size_t i = 0; i < p->sysctls.len; i++) {
		const struct pair *s = &p->sysctls.at[i];
		auto_fd fd = sys_openat2(sys, s->key, O_WRONLY | O_CLOEXEC, 0,
					 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
		int r = fd < 0 ? fd : fd_write_all(fd, s->value, strlen(s->value));

		if (r == -ENOENT)
			return err_set(e, ENOENT, "sysctl %s: this kernel has no such setting in the container's namespaces", s->key);
		if (r < 0)
			return err_num(e, r, "set sysctl %s to \"%s\"", s->key, s->value);
	}
	return 0;
}
