/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "cmd/pages.h"
#include "cmd/verbs.h"

const struct page page_shells[] = {
	{ "bash", "completions/bash/kist", page_bash },
	{ "zsh", "completions/zsh/_kist", page_zsh },
	{ "fish", "completions/fish/kist.fish", page_fish },
	{ NULL, NULL, NULL },
};

static int run(struct call *c, struct err *e)
{
	struct text t = { .arena = c->ctx.arena };

	for (const struct page *p = page_shells; p->name; p++) {
		if (strcmp(p->name, c->args.at[0]) != 0)
			continue;
		p->write(&verb_kist, &t);
		return verb_print(text_str(&t), e);
	}
	return err_set(e, EINVAL, "completion: unknown shell \"%s\", expected bash, zsh or fish",
		       c->args.at[0]);
}

const struct verb verb_completion = {
	.name = "completion",
	.summary = "print the completion script of a shell",
	.detail = "\"make install\" puts the scripts where the shells look for them; this is for "
		  "everywhere else.",
	.operands = { { "bash|zsh|fish", COMPLETE_SHELL } },
	.examples = {
		{ "source <(kist completion bash)", "Complete in this bash." },
		{ "kist completion zsh > ~/.zfunc/_kist", "For a zsh that has ~/.zfunc in its fpath." },
		{ "kist completion fish > ~/.config/fish/completions/kist.fish", "For fish." },
	},
	.run = run,
};
