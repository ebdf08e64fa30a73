/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/hooks.h"

#include <string.h>

#include "base/log.h"
#include "base/proc.h"

static int run_one(const struct oci_hook *h, const char *text, size_t len, const char *cwd, struct err *e)
{
	static const char *const nothing[] = { NULL };
	const char *const only_path[] = { h->path, NULL };
	char says[256] = "";
	struct proc_job job = {
		.path = h->path,
		.argv = h->args.len ? (const char *const *)h->args.at : only_path,
		.envp = h->env.len ? (const char *const *)h->env.at : nothing,
		.cwd = cwd,
		.input = text,
		.input_len = len,
		.timeout_s = h->timeout ? (unsigned)*h->timeout : 0,
		.says = says,
		.says_size = sizeof(says),
	};

	return proc_run(&job, e);
}

int hooks_run(struct arena *a, const char *what, const oci_hook_list *l, const struct oci_state *state, const char *cwd,
	      struct err *e)
{
	size_t len;
	const char *text = l->len ? oci_encode_text(a, &oci_state_object, state, JSON_COMPACT, &len) : NULL;

	for (size_t i = 0; i < l->len; i++) {
		int r = run_one(&l->at[i], text, len, cwd, e);

		if (r < 0)
			return err_in(e, r, "hooks.%s[%zu]", what, i);
	}
	return 0;
}

void hooks_run_all(struct arena *a, const char *what, const oci_hook_list *l, const struct oci_state *state, const char *cwd)
{
	for (size_t i = 0; i < l->len; i++) {
		const oci_hook_list one = { &l->at[i], 1 };
		struct err e = { 0 };

		if (hooks_run(a, what, &one, state, cwd, &e) < 0)
			log_warn("hooks.%s[%zu]: %s", what, i, e.msg);
	}
}
