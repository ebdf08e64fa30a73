/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/carry.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/sys.h"
#include "instances/still.h"
#include "runtime/caps.h"

/* One of the two processes.  How it went lies in memory that both share with the one that waits. */
struct half {
	const struct ct_ctx *c;
	int (*work)(const struct inst_carry *o, int root, int sock, struct err *e);
	struct inst_files *files;
	int sock;
	pid_t pid;
	struct outcome {
		int r;
		struct err err;
	} *how;
};

/* Where no id is root's, as the first that there is. */
static int become(const struct half *h, struct err *e)
{
	int r;

	if (setns(h->files->at.user, CLONE_NEWUSER) < 0)
		return err_sys(e, "enter the user namespace of the instance");
	(void)sys_setgroups(0, NULL); /* denied where nobody could give them */
	r = sys_setresgid(0);
	if (!r)
		r = sys_setresuid(0);
	return r < 0 ? err_num(e, r, "become root of the user namespace") : 0;
}

/* Before anybody inside can know of this process: what its root may do with files, and nothing else. */
static int shrink(const struct half *h, struct err *e)
{
	const uint64_t keep = 1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_FOWNER | 1ULL << CAP_FSETID | 1ULL << CAP_SETFCAP;
	int r = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? err_sys(e, "become non-dumpable") : 0;

	if (!r && h->files->at.user >= 0)
		r = become(h, e);
	if (!r)
		r = caps_shrink(keep, e);
	/* The change of user sets it to fs.suid_dumpable. */
	if (!r && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		r = err_sys(e, "become non-dumpable");
	return r;
}

static int be(const struct half *h, const struct inst_carry *o, struct err *e)
{
	const int *root = &h->files->at.root;
	int r = inst_files_settle(h->c, h->files, e);

	if (!r && *root >= 0)
		r = shrink(h, e);
	(void)fd_close_from(3, (const int[]){ h->sock, *root }, 2);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user forgets it */
	return r ? r : h->work(o, *root, h->sock, e);
}

static int begin(struct half *h, const struct inst_carry *o, struct err *e)
{
	h->pid = fork();
	if (h->pid < 0)
		return err_sys(e, "start a process of the copy");
	if (h->pid)
		return 0;
	h->how->r = be(h, o, &h->how->err);
	_exit(0);
}

static int end(struct half *h)
{
	int status = h->pid > 0 ? proc_wait(h->pid) : 0;

	if (status != 0)
		return -ECHILD;
	return h->how->r;
}

/* Who has nothing to say but that the other is gone lets the other speak. */
static int judge(const struct half h[2], const int r[2], struct err *e)
{
	int which = r[0] == CARRY_GONE || !r[0];

	if (!r[0] && !r[1])
		return 0;
	if (r[which] == -ECHILD || r[which] == CARRY_GONE || !r[which])
		return err_set(e, EIO, "a process of the copy was killed");
	return err_set(e, -r[which], "%s", h[which].how->err.msg);
}

static int work(const struct ct_ctx *c, const struct inst_carry *o, struct inst_files *from, struct inst_files *to, struct err *e)
{
	struct outcome *how = mmap(NULL, 2 * sizeof(*how), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int sv[2], r[2] = { 0 };
	struct half h[2];
	int rc;

	if (how == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return err_sys(e, "prepare the copy");
	/* Until they say otherwise they were killed. */
	how[0].r = how[1].r = -ECHILD;
	h[0] = (struct half){ c, carry_read, from, sv[0], 0, &how[0] };
	h[1] = (struct half){ c, carry_write, to, sv[1], 0, &how[1] };
	rc = begin(&h[0], o, e);
	if (!rc)
		rc = begin(&h[1], o, e);
	close(sv[0]);
	close(sv[1]);
	for (int i = 0; i < 2; i++)
		r[i] = end(&h[i]);
	rc = rc ? rc : judge(h, r, e);
	munmap(how, 2 * sizeof(*how));
	return rc;
}

int inst_carry(const struct ct_ctx *c, const char *data, const struct inst_carry *o, struct err *e)
{
	auto_files from = INST_FILES_NONE, to = INST_FILES_NONE;
	bool same = o->from.instance && o->to.instance && !strcmp(o->from.instance, o->to.instance);
	int r = 0;

	if (o->from.instance)
		r = inst_files_find(c, data, o->from.instance, &from, e);
	if (!r && o->to.instance && !same)
		r = inst_files_find(c, data, o->to.instance, &to, e);
	if (!r && same) /* two of them would be in each other's way */
		r = inst_files_settle(c, &from, e);
	return r ? r : work(c, o, &from, same ? &from : &to, e);
}
