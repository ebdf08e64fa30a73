/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cmd/pages.h"
#include "cmd/verbs.h"

static const char *const actions[] = {
	[COMPLETE_NONE] = " ",
	[COMPLETE_FILE] = "_files",
	[COMPLETE_DIR] = "_files -/",
	[COMPLETE_CONTAINER] = "_kist_containers",
	[COMPLETE_PLACE] = "_kist_places",
	[COMPLETE_SIGNAL] = "_signals -s",
	[COMPLETE_IMAGE] = "_kist_images",
	[COMPLETE_VOLUME] = "_kist_volumes",
	[COMPLETE_NETWORK] = "_kist_networks",
	[COMPLETE_VERB] = "_kist_commands",
	[COMPLETE_SHELL] = "(bash zsh fish)",
};

static const char head[] =
	"#compdef kist\n"
	"# zsh completion for kist, made by \"kist completion zsh\"\n"
	"# SPDX-License-Identifier: GPL-2.0-or-later\n\n"
	"_kist_containers() {\n"
	"	local -a ids=(${(f)\"$(_call_program containers kist list -q 2>/dev/null)\"})\n"
	"	_describe -t containers container ids\n"
	"}\n\n"
	"_kist_places() {\n"
	"	local -a ids=(${(f)\"$(_call_program containers kist list -q 2>/dev/null)\"})\n"
	"	compadd -S : -a ids\n"
	"	_files\n"
	"}\n\n"
	"_kist_images() {\n"
	"	local -a names=(${(f)\"$(_call_program images kist image list -q 2>/dev/null)\"})\n"
	"	names=(${names//:/\\\\:})\n"
	"	_describe -t images image names\n"
	"}\n\n"
	"_kist_volumes() {\n"
	"	local -a names=(${(f)\"$(_call_program volumes kist volume list -q 2>/dev/null)\"})\n"
	"	_describe -t volumes volume names\n"
	"}\n\n"
	"_kist_networks() {\n"
	"	local -a names=(${(f)\"$(_call_program networks kist network list -q 2>/dev/null)\"})\n"
	"	_describe -t networks network names\n"
	"}\n\n";

/* Inside single quotes of a shell, and of an _arguments specification, where [ ] : \ have a meaning. */
static void quoted(struct text *t, const char *s, const char *special)
{
	for (; *s; s++) {
		if (*s == '\'')
			text_add(t, "'\\''");
		else
			text_add(t, strchr(special, *s) ? "\\%c" : "%c", *s);
	}
}

static void option(const struct opt *o, struct text *t)
{
	const char *eq = o->arg ? "=" : "";

	text_add(t, " \\\n\t\t");
	if (o->kind == OPT_LIST)
		text_add(t, "'*'");
	if (o->letter)
		text_add(t, "{-%c%s,--%s%s}", o->letter, o->arg ? "+" : "", o->name, eq);
	else
		text_add(t, "--%s%s", o->name, eq);
	text_add(t, "'[");
	quoted(t, o->help, "[]\\");
	text_add(t, "]");
	if (o->arg) {
		text_add(t, ":");
		quoted(t, o->arg, ":\\");
		text_add(t, ":%s", o->words ? "(" : actions[o->complete]);
	}
	for (const struct word *w = o->words; w && w->name; w++)
		text_add(t, "%s%s", w->name, w[1].name ? " " : ")");
	text_add(t, "'");
}

/* "_kist", and "_kist_image" for a group. */
static const char *function(struct arena *a, const struct verb *group)
{
	return group->program ? "_kist" : arena_printf(a, "_kist_%s", page_key(a, group, "_"));
}

static const char *action(const struct verb *v, const struct operand *o, struct arena *a)
{
	if (v->subs)
		return o->complete == COMPLETE_VERB ? arena_printf(a, "%s_commands", function(a, v)) : "->rest";
	return actions[o->complete];
}

static void arguments(const struct verb *v, struct text *t)
{
	text_add(t, "_arguments -S -A '-*'%s", v->subs ? " -C" : "");
	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		option(o, t);
	for (const struct operand *o = v->operands; o->name; o++) {
		bool many = strstr(o->name, "...") != NULL;

		text_add(t, " \\\n\t\t'%s:", many ? "*:" : *o->name == '[' ? ":" : "");
		quoted(t, o->name, ":\\");
		text_add(t, ":%s'", action(v, o, t->arena));
	}
}

static void names(const struct verb *group, struct text *t)
{
	text_add(t, "%s_commands() {\n\tlocal -a names=(\n", function(t->arena, group));
	for (const struct verb *const *v = group->subs; *v; v++) {
		if ((*v)->hidden)
			continue;
		text_add(t, "\t\t'%s:", (*v)->name);
		quoted(t, (*v)->summary, ":\\");
		text_add(t, "'\n");
	}
	text_add(t, "\t)\n\t_describe -t commands command names\n}\n\n");
}

static void each_verb(const struct verb *group, struct text *t)
{
	text_add(t, "\tcase $words[1] in\n");
	for (const struct verb *const *v = group->subs; *v; v++) {
		if ((*v)->hidden)
			continue;
		text_add(t, "\t%s)\n\t\t", (*v)->name);
		if ((*v)->subs)
			text_add(t, "%s", function(t->arena, *v));
		else
			arguments(*v, t);
		text_add(t, "\n\t\t;;\n");
	}
	text_add(t, "\tesac\n");
}

/* A function that completes the words of a group behind its name. */
static void group(const struct verb *v, struct text *t)
{
	const char *name = function(t->arena, v);

	if (!v->subs)
		return;
	names(v, t);
	text_add(t,
		 "%s() {\n\tlocal curcontext=$curcontext state line ret=1\n\ttypeset -A opt_args\n\n\t", name);
	arguments(v, t);
	text_add(t,
		 " && ret=0\n\t[[ $state == rest ]] || return ret\n"
		 "\tcurcontext=${curcontext%%:*:*}:%s-$words[1]:\n",
		 name + 1);
	each_verb(v, t);
	text_add(t, "}\n\n");
}

void page_zsh(const struct verb *program, struct text *t)
{
	text_add(t, "%s", head);
	page_each(program, group, t);
	text_add(t, "_kist \"$@\"\n");
}
