/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The "process" branch: config.md, "Process". */
#include <errno.h>
#include <inttypes.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "oci/tables.h"

const struct word oci_rlimit_words[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
	{ NULL, 0 },
};

enum { ISO_RESERVED = 4 }; /* SCHED_ISO: a number that Linux reserved and never implemented */

static const struct word policy_words[] = {
	{ "SCHED_OTHER", SCHED_NORMAL },
	{ "SCHED_FIFO", SCHED_FIFO },
	{ "SCHED_RR", SCHED_RR },
	{ "SCHED_BATCH", SCHED_BATCH },
	{ "SCHED_ISO", ISO_RESERVED },
	{ "SCHED_IDLE", SCHED_IDLE },
	{ "SCHED_DEADLINE", SCHED_DEADLINE },
	{ NULL, 0 },
};

static const struct word sched_flag_words[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
	{ NULL, 0 },
};

static const struct word io_class_words[] = {
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
	{ NULL, 0 },
};

#define S struct oci_user
static const struct field user_fields[] = {
	F_ID(S, uid, "uid", 0),
	F_ID(S, gid, "gid", 0),
	F_OPT_U32_IN(S, umask, "umask", 0, 0777),
	F_U32S_IN(S, groups, "additionalGids", 0, OCI_ID_MAX),
	F_STR(S, username, "username", 0),
};
static const struct object user = OBJECT(S, user_fields, NULL);
#undef S

#define S struct oci_console_size
static const struct field console_fields[] = {
	F_U64_IN(S, height, "height", REQUIRED, 0, UINT16_MAX),
	F_U64_IN(S, width, "width", REQUIRED, 0, UINT16_MAX),
};
static const struct object console = OBJECT(S, console_fields, NULL);
#undef S

#define S struct oci_capabilities
static const struct field capabilities_fields[] = {
	F_STRS(S, bounding, "bounding", 0),
	F_STRS(S, permitted, "permitted", 0),
	F_STRS(S, effective, "effective", 0),
	F_STRS(S, inheritable, "inheritable", 0),
	F_STRS(S, ambient, "ambient", 0),
};
static const struct object capabilities = OBJECT(S, capabilities_fields, NULL);
#undef S

static int check_rlimit(const void *p, const struct json *v, struct err *e)
{
	const struct oci_rlimit *r = p;

	if (r->soft > r->hard)
		return oci_bad_key(v, "soft", e,
				   "the soft limit %" PRIu64 " is above the hard limit %" PRIu64, r->soft,
				   r->hard);
	return 0;
}

#define S struct oci_rlimit
static const struct field rlimit_fields[] = {
	F_WORD(S, type, "type", REQUIRED, oci_rlimit_words),
	F_U64(S, soft, "soft", REQUIRED),
	F_U64(S, hard, "hard", REQUIRED),
};
static const struct object rlimit = OBJECT(S, rlimit_fields, check_rlimit);
#undef S

static int check_deadline(const struct oci_scheduler *s, const struct json *v, struct err *e)
{
	if (!s->runtime || !s->deadline)
		return oci_bad_key(v, "policy", e, "SCHED_DEADLINE needs runtime and deadline");
	if (!*s->runtime || *s->runtime > *s->deadline)
		return oci_bad_key(v, "runtime", e, "expected 0 < runtime ≤ deadline");
	if (s->period && *s->period && *s->deadline > *s->period)
		return oci_bad_key(v, "deadline", e, "expected deadline ≤ period");
	return 0;
}

static int check_scheduler(const void *p, const struct json *v, struct err *e)
{
	const struct oci_scheduler *s = p;
	bool realtime = s->policy == SCHED_FIFO || s->policy == SCHED_RR;

	if (s->policy == ISO_RESERVED)
		return oci_bad_key(v, "policy", e, "Linux has no SCHED_ISO");
	if (realtime && (!s->priority || *s->priority < 1 || *s->priority > 99))
		return oci_bad_key(v, "priority", e, "SCHED_FIFO and SCHED_RR need a priority from 1 to 99");
	if (!realtime && s->priority && *s->priority)
		return oci_bad_key(v, "priority", e, "only SCHED_FIFO and SCHED_RR take a priority");
	if (s->policy == SCHED_DEADLINE)
		return check_deadline(s, v, e);
	if ((s->runtime && *s->runtime) || (s->deadline && *s->deadline) || (s->period && *s->period))
		return oci_bad_key(v, "policy", e, "only SCHED_DEADLINE takes runtime, deadline and period");
	return 0;
}

#define S struct oci_scheduler
static const struct field scheduler_fields[] = {
	F_WORD(S, policy, "policy", REQUIRED, policy_words),
	F_OPT_I32_IN(S, nice, "nice", -20, 19),
	F_OPT_I32(S, priority, "priority"),
	F_WORDS(S, flags, "flags", sched_flag_words),
	F_OPT_U64(S, runtime, "runtime"),
	F_OPT_U64(S, deadline, "deadline"),
	F_OPT_U64(S, period, "period"),
};
static const struct object scheduler = OBJECT(S, scheduler_fields, check_scheduler);
#undef S

#define S struct oci_io_priority
static const struct field io_priority_fields[] = {
	F_WORD(S, class_, "class", REQUIRED, io_class_words),
	F_OPT_I32_IN(S, priority, "priority", 0, 7),
};
static const struct object io_priority = OBJECT(S, io_priority_fields, NULL);
#undef S

static int check_affinity(const void *p, const struct json *v, struct err *e)
{
	const struct oci_cpu_affinity *c = p;

	if (c->initial && !text_bits(c->initial, NULL))
		return oci_bad_key(v, "initial", e, "not a list of CPUs, expected a form like \"0-3,7\"");
	if (c->final && !text_bits(c->final, NULL))
		return oci_bad_key(v, "final", e, "not a list of CPUs, expected a form like \"0-3,7\"");
	return 0;
}

#define S struct oci_cpu_affinity
static const struct field affinity_fields[] = {
	F_STR(S, initial, "initial", 0),
	F_STR(S, final, "final", 0),
};
static const struct object affinity = OBJECT(S, affinity_fields, check_affinity);
#undef S

int oci_check_env(const strings *env, const struct json *v, struct err *e)
{
	char shown[JSON_SHOWN];

	for (size_t i = 0; i < env->len; i++) {
		const char *eq = strchr(env->at[i], '=');

		if (!eq || eq == env->at[i])
			return oci_bad_item(v, "env", i, e, "\"%s\" is not of the form NAME=VALUE",
					    json_shown(shown, env->at[i]));
	}
	return 0;
}

static int check_rlimits(const struct oci_process *p, const struct json *v, struct err *e)
{
	unsigned seen = 0;

	for (size_t i = 0; i < p->rlimits.len; i++) {
		int type = p->rlimits.at[i].type;

		if (seen & 1u << type)
			return oci_bad_item(v, "rlimits", i, e, "%s is given twice",
					    word_name(oci_rlimit_words, type));
		seen |= 1u << type;
	}
	return 0;
}

static int check_process(const void *obj, const struct json *v, struct err *e)
{
	const struct oci_process *p = obj;
	char shown[JSON_SHOWN];
	int r;

	if (p->cwd[0] != '/')
		return oci_bad_key(v, "cwd", e, "\"%s\" is not an absolute path", json_shown(shown, p->cwd));
	if (p->args.len && !p->args.at[0][0])
		return oci_bad_item(v, "args", 0, e, "the program's name is empty");
	r = oci_check_env(&p->env, v, e);
	return r < 0 ? r : check_rlimits(p, v, e);
}

#define S struct oci_process
static const struct field process_fields[] = {
	F_BOOL(S, terminal, "terminal", 0),
	F_OBJ(S, console_size, struct oci_console_size, "consoleSize", 0, &console),
	F_OBJ(S, user, struct oci_user, "user", 0, &user),
	F_STRS(S, args, "args", 0),
	F_STR(S, command_line, "commandLine", 0),
	F_STRS(S, env, "env", 0),
	F_STR(S, cwd, "cwd", REQUIRED),
	F_OBJ(S, capabilities, struct oci_capabilities, "capabilities", 0, &capabilities),
	F_LIST(S, rlimits, struct oci_rlimit, "rlimits", &rlimit),
	F_BOOL(S, no_new_privileges, "noNewPrivileges", 0),
	F_STR(S, apparmor_profile, "apparmorProfile", 0),
	F_STR(S, selinux_label, "selinuxLabel", 0),
	F_OPT_I64_IN(S, oom_score_adj, "oomScoreAdj", -1000, 1000),
	F_OBJ(S, scheduler, struct oci_scheduler, "scheduler", 0, &scheduler),
	F_OBJ(S, io_priority, struct oci_io_priority, "ioPriority", 0, &io_priority),
	F_OBJ(S, exec_cpu_affinity, struct oci_cpu_affinity, "execCPUAffinity", 0, &affinity),
};
const struct object oci_process_object = OBJECT(S, process_fields, check_process);
#undef S
