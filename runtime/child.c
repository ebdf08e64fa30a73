/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation.  Each row of the tables is one step; its place is given by the reason beside it.
 * A step that fails ends the child: its sentence goes to the parent as it is, and the parent undoes the
 * rest.  A parent that dies ends the child too, because every wait is for a message.  Nothing here prints,
 * and no memory is given back: execve(2) or _exit(2) does that.
 */
#include "runtime/child.h"

#include <unistd.h>

#include "base/fd.h"
#include "runtime/steps.h"

enum when {
	ALWAYS = 0,
	MAPPED = 1 << 0,	/* user namespace: ids must be assumed */
	WAITS_MAPS = 1 << 1,
	JOINS = 1 << 2,		/* joins that the stage has not done */
	TREES = 1 << 3,
	PROCFS = 1 << 4,
	HOOKS = 1 << 5,
	TERMINAL = 1 << 6,
	EARLY_FILTER = 1 << 7,	/* needs the parent, or a privilege that is about to go */
	LATE_FILTER = 1 << 8,
	KEYRING = 1 << 9,
	STDIO = 1 << 10,
	WAITS_START = 1 << 11,
	RUNS = 1 << 12,		/* run, not create: GO comes over the channel */
	OWN_MOUNTS = 1 << 13,
	CHROOTED = 1 << 14,	/* exec: the container's root is not that of its mount namespace */
	NO_EARLY_FILTER = 1 << 15,
};

struct step {
	const char *name;
	unsigned when;
	int (*run)(struct child *c, struct err *e);
};

#define STEP(fn, when) { #fn, when, step_##fn }
static const struct step init_steps[] = {
	STEP(fresh_signals, ALWAYS),
	STEP(wait_maps, WAITS_MAPS),	   /* the parent writes them from outside */
	STEP(join, JOINS),			   /* with the privilege of the caller */
	STEP(become_root, MAPPED),		   /* before the first file is made */
	STEP(hide, ALWAYS),			   /* after the maps: an unprivileged parent opens our /proc files */
	STEP(new_session, ALWAYS),
	STEP(settings, ALWAYS),
	STEP(take_trees, TREES),
	STEP(open_procfs, PROCFS),		   /* while /proc of the host is still the visible one (userns rule) */
	STEP(sysctls, PROCFS),		   /* before anything of the image is mounted */
	STEP(build_root, ALWAYS),
	STEP(host_hooks, HOOKS),		   /* config.md: namespaces exist, pivot_root not done */
	STEP(create_hooks, HOOKS),		   /* paths of the host, namespaces of the container */
	STEP(terminal, TERMINAL),		   /* needs the container's devpts */
	STEP(restrict_paths, OWN_MOUNTS),	   /* after the hooks, which may mount */
	STEP(enter_root, ALWAYS),
	STEP(stdio, STDIO),
	STEP(keyring, KEYRING),
	STEP(limits, ALWAYS),		   /* while hard limits may still be raised */
	STEP(labels, PROCFS),		   /* before the change of user: the files are root's */
	STEP(chdir_as_root, ALWAYS),
	STEP(bounding, ALWAYS),		   /* needs CAP_SETPCAP */
	STEP(user, ALWAYS),
	STEP(user_caps, EARLY_FILTER),	   /* the user's, and CAP_SYS_ADMIN once more */
	STEP(caps, NO_EARLY_FILTER),
	STEP(stay_hidden, ALWAYS),	   /* the change of user set it to fs.suid_dumpable */
	STEP(chdir_as_user, ALWAYS),
	STEP(find_program, ALWAYS),		   /* as the user who will run it */
	STEP(close_others, ALWAYS),
	STEP(load_filter, EARLY_FILTER),   /* without no_new_privs it needs CAP_SYS_ADMIN; what follows it is little */
	STEP(caps, EARLY_FILTER),
	STEP(no_new_privs, ALWAYS),
	STEP(ready, ALWAYS),
	STEP(wait_go, RUNS),
	STEP(wait_start, WAITS_START),
	STEP(start_hooks, HOOKS),		   /* config.md: inside, before the program */
	STEP(load_filter, LATE_FILTER),	   /* as near to the program as can be */
	STEP(execute, ALWAYS),
	{ NULL, 0, NULL },
};

static const struct step exec_steps[] = {
	STEP(fresh_signals, ALWAYS),
	STEP(hide, ALWAYS),			   /* before setns: members may look at us at once */
	STEP(wait_maps, WAITS_MAPS),		   /* the stage speaks first: it says who we are */
	STEP(join_by_pidfd, JOINS),
	STEP(enter_chroot, CHROOTED),
	STEP(become_root, MAPPED),
	STEP(new_session, ALWAYS),
	STEP(open_procfs, PROCFS),
	STEP(open_own_root, TERMINAL),
	STEP(terminal, TERMINAL),
	STEP(stdio, STDIO),
	STEP(keyring, KEYRING),
	STEP(limits, ALWAYS),
	STEP(affinity, ALWAYS),
	STEP(labels, PROCFS),
	STEP(chdir_as_root, ALWAYS),
	STEP(bounding, ALWAYS),
	STEP(user, ALWAYS),
	STEP(user_caps, EARLY_FILTER),	   /* the user's, and CAP_SYS_ADMIN once more */
	STEP(caps, NO_EARLY_FILTER),
	STEP(stay_hidden, ALWAYS),	   /* the change of user set it to fs.suid_dumpable */
	STEP(chdir_as_user, ALWAYS),
	STEP(find_program, ALWAYS),
	STEP(close_others, ALWAYS),
	STEP(load_filter, EARLY_FILTER),   /* without no_new_privs it needs CAP_SYS_ADMIN; what follows it is little */
	STEP(caps, EARLY_FILTER),
	STEP(no_new_privs, ALWAYS),
	STEP(ready, ALWAYS),
	STEP(wait_go, ALWAYS),
	STEP(load_filter, LATE_FILTER),
	STEP(execute, ALWAYS),
	{ NULL, 0, NULL },
};

static const struct step *table_of(enum child_role role)
{
	return role == CHILD_INIT ? init_steps : exec_steps;
}

const char *child_step_name(enum child_role role, size_t i)
{
	return table_of(role)[i].name;
}

bool child_filters_early(const struct child_job *job)
{
	return job->filter.program.len && (job->filter.notify || !job->process->no_new_privs);
}

bool child_has_label(const struct oci_process *p)
{
	return (p->apparmor_profile && *p->apparmor_profile) || (p->selinux_label && *p->selinux_label);
}

static unsigned filter_time(const struct child_job *job)
{
	return child_filters_early(job) ? EARLY_FILTER : job->filter.program.len ? LATE_FILTER : 0;
}

static unsigned process_facts(const struct child_job *job, bool userns)
{
	const struct process_plan *p = job->process;
	unsigned f = filter_time(job);

	f |= f & EARLY_FILTER ? 0 : NO_EARLY_FILTER;
	f |= p->terminal ? TERMINAL : 0;
	f |= !p->terminal && (p->uid || userns) ? STDIO : 0;
	f |= p->new_keyring ? KEYRING : 0;
	f |= child_has_label(p->spec) ? PROCFS : 0;
	return f;
}

static unsigned facts_of(const struct child_job *job)
{
	const struct plan *p = job->plan;
	unsigned f;

	if (job->role == CHILD_EXEC)
		return process_facts(job, job->enter_userns) | (job->join && !(job->join & CLONE_NEWPID) ? JOINS : 0) | (job->enter_userns ? MAPPED : 0) |
		       (job->join_root >= 0 ? CHROOTED : 0) | (job->join & CLONE_NEWPID ? WAITS_MAPS : 0);
	f = process_facts(job, p->ns.has & CLONE_NEWUSER);
	f |= p->ns.has & CLONE_NEWUSER ? MAPPED : 0;
	f |= p->ns.map || p->ns.stage ? WAITS_MAPS : 0;
	f |= p->ns.joins.len && !p->ns.stage ? JOINS : 0;
	f |= mnt_parent_trees(&p->mnt) ? TREES : 0;
	f |= p->ns.sysctls.len ? PROCFS : 0;
	f |= plan_has_hooks(p->spec->hooks) ? HOOKS : 0;
	f |= job->listener >= 0 ? WAITS_START : RUNS;
	return f | (p->mnt.enter_only ? 0 : OWN_MOUNTS);
}

void child_close_others(const struct child_job *job, int chan)
{
	const int keep[] = { chan, job->listener, job->join_pidfd, job->netns, job->init, job->join_root };

	(void)fd_close_from(3 + job->process->preserve_fds, keep, sizeof(keep) / sizeof(keep[0]));
}

void child_main(const struct child_job *job, int chan)
{
	struct child c = { .job = job, .process = *job->process, .chan = { chan, CHILD }, .site.root = -1, .procfs = -1, .console = { -1, -1 } };
	unsigned facts = facts_of(job);
	struct err e = { 0 };

	child_close_others(job, chan);
	for (const struct step *s = table_of(job->role); s->run; s++) {
		if (s->when && !(s->when & facts))
			continue;
		if (s->run(&c, &e) < 0) {
			chan_fail(&c.chan, &e);
			break;
		}
	}
	_exit(127);
}
