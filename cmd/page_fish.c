/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/pages.h"
#include "cmd/verbs.h"

static const char *const actions[] = {
	[COMPLETE_NONE] = "",
	[COMPLETE_FILE] = " -F",
	[COMPLETE_DIR] = " -a '(__fish_complete_directories)'",
	[COMPLETE_CONTAINER] = " -a '(kist list -q 2>/dev/null)'",
	[COMPLETE_SIGNAL] = " -a 'HUP INT QUIT ABRT KILL USR1 USR2 ALRM TERM CHLD CONT STOP TSTP WINCH'",
	[COMPLETE_VERB] = " -a \"$__kist_verbs\"",
	[COMPLETE_SHELL] = " -a 'bash zsh fish'",
};

static void quoted(struct text *t, const char *s)
{
	text_add(t, "'");
	for (; *s; s++)
		text_add(t, *s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
	text_add(t, "'");
}

static void option(const struct opt *o, const char *when, struct text *t)
{
	text_add(t, "complete -c kist -n '%s'", when);
	if (o->letter)
		text_add(t, " -s %c", o->letter);
	text_add(t, " -l %s", o->name);
	if (o->arg)
		text_add(t, o->complete == COMPLETE_FILE ? " -r" : " -x");
	if (o->words)
		text_add(t, " -a '");
	for (const struct word *w = o->words; w && w->name; w++)
		text_add(t, "%s%s", w->name, w[1].name ? " " : "'");
	text_add(t, "%s -d ", o->words ? "" : actions[o->complete]);
	quoted(t, o->help);
	text_add(t, "\n");
}

static void one_verb(const struct verb *v, struct text *t)
{
	const char *when = arena_printf(t->arena, "__fish_seen_subcommand_from %s", v->name);

	text_add(t, "\ncomplete -c kist -n __fish_use_subcommand -a %s -d ", v->name);
	quoted(t, v->summary);
	text_add(t, "\n");
	for (const struct operand *o = v->operands; o->name; o++)
		if (o->complete)
			text_add(t, "complete -c kist -n '%s'%s\n", when, actions[o->complete]);
	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		option(o, when, t);
}

void page_fish(struct text *t)
{
	text_add(t, "# fish completion for kist, made by \"kist completion fish\"\n"
		    "# SPDX-License-Identifier: GPL-2.0-or-later\n\nset -l __kist_verbs");
	for (const struct verb *const *v = verbs; *v; v++)
		if (!(*v)->hidden)
			text_add(t, " %s", (*v)->name);
	text_add(t, "\n\ncomplete -c kist -f\n");
	for (const struct opt *o = page_opt(&verb_kist, NULL); o; o = page_opt(&verb_kist, o))
		option(o, "__fish_use_subcommand", t);
	for (const struct verb *const *v = verbs; *v; v++)
		if (!(*v)->hidden)
			one_verb(*v, t);
}
