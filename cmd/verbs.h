/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_VERBS_H
#define CMD_VERBS_H
/* The list of verbs, and what one invocation of a verb is given. */
#include "cmd/opts.h"
#include "runtime/container.h"

struct call {
	struct ct_ctx ctx;
	const char *data; /* where images, volumes and instances are: absolute */
	void *opts;       /* the verb's own struct, filled */
	const struct verb *verb;
	struct args args; /* the operands, as many as the verb's table says */
	struct args words; /* the command line from the verb's name on, as it was given */
	int code;         /* exit code of a success: 0 unless the verb sets it */
	int failed;       /* exit code of a failure: 1 unless the verb sets it */
};

extern const struct verb verb_kist; /* the program itself: global options, and all verbs */
extern const struct verb verb_run, verb_create, verb_start, verb_exec, verb_logs, verb_wait, verb_stop, verb_kill, verb_pause,
	verb_resume, verb_update, verb_cp, verb_delete, verb_list, verb_state, verb_ps, verb_stats, verb_events, verb_spec,
	verb_features, verb_help, verb_completion, verb_docs;
extern const struct verb *const verbs[];        /* ends with NULL; hidden ones included */
const struct verb *verb_find(const struct verb *group, const char *name); /* NULL when unknown */
/* The same, or NULL with a sentence that names the nearest one. */
const struct verb *verb_need(struct arena *a, const struct verb *group, const char *name, struct err *e);

/* For every operand, also after a failure: all failures are told, and the last one is the verb's. */
int verb_each(struct call *c, int (*one)(struct call *c, const char *operand, struct err *e), struct err *e);
/* For who goes through other things in the same way: the next failure, or none.  `failed` is that of the verb so far. */
int verb_next(int failed, int r, const struct err *said, struct err *e);
/* Writes a whole text to standard output. */
int verb_print(const char *text, struct err *e);
#endif
