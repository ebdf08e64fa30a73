/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"

static int run(struct call *c, struct err *e)
{
	struct text t = { .arena = c->ctx.arena };
	int r = ct_features(&c->ctx, &t, e);

	return r < 0 ? r : verb_print(text_str(&t), e);
}

const struct verb verb_features = {
	.name = "features",
	.summary = "print what this kist can do as JSON",
	.detail = "The document is the features structure of the OCI runtime specification: "
		  "namespaces, mount options, capabilities, seccomp, cgroups. It says what is built "
		  "in, not what this kernel allows.",
	.examples = { { "kist features", "Print everything." },
		      { "kist features | jq -r .mountOptions[]", "The mount options that are known." } },
	.run = run,
};
