/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/pages.h"
#include "cmd/verbs.h"

static const char *const actions[] = {
	[COMPLETE_NONE] = "",
	[COMPLETE_FILE] = " -F",
	[COMPLETE_DIR] = " -a '(__fish_complete_directories)'",
	[COMPLETE_CONTAINER] = " -a '(kist list -q 2>/dev/null)'",
	[COMPLETE_PLACE] = " -F -a '(kist list -q 2>/dev/null):'",
	[COMPLETE_SIGNAL] = " -a 'HUP INT QUIT ABRT KILL USR1 USR2 ALRM TERM CHLD CONT STOP TSTP WINCH'",
	[COMPLETE_IMAGE] = " -a '(kist image list -q 2>/dev/null)'",
	[COMPLETE_VOLUME] = " -a '(kist volume list -q 2>/dev/null)'",
	[COMPLETE_NETWORK] = " -a '(kist network list -q 2>/dev/null)'",
	[COMPLETE_VERB] = " -a \"$__kist_commands\"",
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

/* The program's options are for where no verb has been named. */
static const char *when(struct arena *a, const struct verb *v)
{
	return v->program ? "__kist_in" : arena_printf(a, "__kist_in %s", page_key(a, v, " "));
}

static void command(const struct verb *v, struct text *t)
{
	if (v->program)
		return;
	text_add(t, "complete -c kist -n '__kist_in%s%s' -a %s -d ", v->group ? " " : "",
		 v->group ? v->group : "", v->name);
	quoted(t, v->summary);
	text_add(t, "\n");
}

static void one_verb(const struct verb *v, struct text *t)
{
	const char *here = when(t->arena, v);

	text_add(t, "\n");
	command(v, t);
	for (const struct operand *o = v->operands; o->name && !v->subs; o++)
		if (o->complete)
			text_add(t, "complete -c kist -n '%s'%s\n", here, actions[o->complete]);
	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		option(o, here, t);
}

static void group(const struct verb *v, struct text *t)
{
	if (v->subs && !v->program)
		text_add(t, " %s", v->name);
}

/* The commands named so far are found by their names alone: a value of an option that looks like one is
 * taken for it, which costs a proposal and no more. */
static const char body[] =
	"function __kist_in # [COMMAND [COMMAND]]: the words so far are those of this command, and no other\n"
	"	set -l words (commandline -opc | string match -v -- '-*')\n"
	"	set -e words[1]\n"
	"	while set -q words[1]; and not contains -- $words[1] $__kist_commands\n"
	"		set -e words[1]\n"
	"	end\n"
	"	if not contains -- \"$words[1]\" $__kist_groups\n"
	"		set words $words[1]\n"
	"	end\n"
	"	test \"$words[1..2]\" = \"$argv\"\n"
	"end\n\n"
	"complete -c kist -f\n";

void page_fish(const struct verb *program, struct text *t)
{
	text_add(t, "# fish completion for kist, made by \"kist completion fish\"\n"
		    "# SPDX-License-Identifier: GPL-2.0-or-later\n\nset -g __kist_commands");
	for (const struct verb *const *v = program->subs; *v; v++)
		if (!(*v)->hidden)
			text_add(t, " %s", (*v)->name);
	text_add(t, "\nset -g __kist_groups");
	page_each(program, group, t);
	text_add(t, "\n\n%s", body);
	page_each(program, one_verb, t);
}
