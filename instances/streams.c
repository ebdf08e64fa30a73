/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/streams.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "instances/log.h"

void inst_restore(struct inst_streams *s)
{
	for (int i = 0; i < 3; i++)
		if (s->saved[i] >= 0) {
			(void)dup2(s->saved[i], i);
			fd_done(&s->saved[i]);
		}
}

static int replace(struct inst_streams *s, int i, int fd)
{
	if (fd < 0)
		return fd;
	s->saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
	return dup2(fd, i) < 0 ? -errno : 0;
}

/* In a user namespace the init has no power over what belongs to our ids. */
static void give(const struct inst *i, int fd)
{
	const struct oci_user *u = i->spec.process->user;

	(void)!fchown(fd, i->ids + (u ? u->uid : 0), (gid_t)-1);
}

/* Only what has no name: a FIFO of the host's keeps its owner, and so does a terminal. */
static void give_pipes(const struct inst *i, int first)
{
	struct statfs fs;

	for (int fd = first; fd < 3; fd++)
		if (fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC)
			give(i, fd);
}

static int open_log(const struct inst *i)
{
	int log = openat(i->dir, INST_LOG, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (log < 0)
		return -errno;
	give(i, log);
	return log;
}

int inst_divert(const struct inst *i, bool detached, bool listens, struct inst_streams *s, struct err *e)
{
	auto_fd null = fd_open(AT_FDCWD, "/dev/null", O_RDWR), log = -1;
	int r = 0;

	if (detached || !listens)
		r = replace(s, 0, null);
	if (r < 0)
		return err_num(e, r, "open /dev/null");
	if (!detached) {
		give_pipes(i, listens ? 0 : 1);
		return 0;
	}
	log = open_log(i);
	r = log < 0 ? log : replace(s, 1, log);
	if (!r)
		r = replace(s, 2, log);
	return r < 0 ? err_num(e, r, "open the log of instance %s", i->name) : 0;
}
