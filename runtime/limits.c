/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include "base/sys.h"
#include "runtime/process.h"

static int set_rlimits(const struct oci_process *s, struct err *e)
{
	for (size_t i = 0; i < s->rlimits.len; i++) {
		const struct oci_rlimit *l = &s->rlimits.at[i];
		struct rlimit want = { l->soft, l->hard };

		if (setrlimit((__rlimit_resource_t)l->type, &want) == 0)
			continue;
		if (errno == EPERM)
			return err_set(e, EPERM,
				       "process.rlimits[%zu]: %s hard limit %" PRIu64 " is above kist's own, and raising it needs CAP_SYS_RESOURCE",
				       i, word_name(oci_rlimit_words, l->type), l->hard);
		return err_sys(e, "process.rlimits[%zu]: set %s to %" PRIu64 " %" PRIu64, i, word_name(oci_rlimit_words, l->type), l->soft,
			       l->hard);
	}
	return 0;
}

static int set_scheduler(const struct oci_scheduler *s, struct err *e)
{
	struct sys_sched a = { .size = sizeof(a) };
	int r;

	if (!s)
		return 0;
	a.policy = (uint32_t)s->policy;
	a.nice = s->nice ? *s->nice : 0;
	a.priority = s->priority ? (uint32_t)*s->priority : 0;
	a.runtime = s->runtime ? *s->runtime : 0;
	a.deadline = s->deadline ? *s->deadline : 0;
	a.period = s->period ? *s->period : 0;
	for (size_t i = 0; i < s->flags.len; i++)
		a.flags |= (uint64_t)s->flags.at[i];
	r = sys_sched_setattr(&a);
	return r < 0 ? err_num(e, r, "set process.scheduler") : 0;
}

static int set_io_priority(const struct oci_io_priority *p, struct err *e)
{
	int r = p ? sys_ioprio_set(p->class_, p->priority ? *p->priority : 0) : 0;

	return r < 0 ? err_num(e, r, "set process.ioPriority") : 0;
}

static int set_memory_policy(const struct oci_memory_policy *m, struct err *e)
{
	unsigned long mask[TEXT_BITS / TEXT_WORD] = { 0 };
	int mode, r;

	if (!m)
		return 0;
	mode = m->mode;
	for (size_t i = 0; i < m->flags.len; i++)
		mode |= m->flags.at[i];
	(void)text_bits(m->nodes ? m->nodes : "", mask); /* the document was checked */
	r = sys_set_mempolicy(mode, m->nodes && *m->nodes ? mask : NULL, TEXT_BITS);
	return r < 0 ? err_num(e, r, "set linux.memoryPolicy") : 0;
}

int process_limits(const struct process_plan *p, struct err *e)
{
	int r = set_rlimits(p->spec, e);

	if (!r)
		r = set_scheduler(p->spec->scheduler, e);
	if (!r)
		r = set_io_priority(p->spec->io_priority, e);
	if (!r)
		r = set_memory_policy(p->memory, e);
	if (!r && p->personality && personality((unsigned long)p->personality->domain) < 0)
		r = err_sys(e, "set linux.personality");
	return r;
}

int process_affinity(const struct oci_cpu_affinity *a, struct err *e)
{
	unsigned long mask[TEXT_BITS / TEXT_WORD] = { 0 };
	const char *list = a && a->final ? a->final : a ? a->initial : NULL;

	if (!list || !*list)
		return 0;
	(void)text_bits(list, mask); /* the document was checked */
	return sched_setaffinity(0, sizeof(mask), (const cpu_set_t *)mask) < 0 ? err_sys(e, "set process.execCPUAffinity to \"%s\"", list) : 0;
}
