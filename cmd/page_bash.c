/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/pages.h"
#include "cmd/verbs.h"

/* The script asks two tables: which options a verb has, and of what kind a value or an operand is. */

static const char *const kinds[] = {
	[COMPLETE_NONE] = "text",
	[COMPLETE_FILE] = "file",
	[COMPLETE_DIR] = "dir",
	[COMPLETE_CONTAINER] = "container",
	[COMPLETE_PLACE] = "place",
	[COMPLETE_SIGNAL] = "signal",
	[COMPLETE_IMAGE] = "image",
	[COMPLETE_VOLUME] = "volume",
	[COMPLETE_NETWORK] = "network",
	[COMPLETE_VERB] = "command",
	[COMPLETE_SHELL] = "words bash zsh fish",
};

static const char head[] =
	"# bash completion for kist, made by \"kist completion bash\"\n"
	"# SPDX-License-Identifier: GPL-2.0-or-later\n\n";

static const char body[] =
	"_kist_names() { kist \"$@\" -q 2>/dev/null; }\n"
	"\n"
	"_kist()\n"
	"{\n"
	"	local verb=kist cur=${COMP_WORDS[COMP_CWORD]} operand=0 kind= word i\n"
	"\n"
	"	COMPREPLY=()\n"
	"	for ((i = 1; i < COMP_CWORD; i++)); do\n"
	"		word=${COMP_WORDS[i]}\n"
	"		if [[ -n $kind ]]; then # the value of the option before, or the \"=\" between\n"
	"			[[ $word == = ]] || kind=\n"
	"		elif [[ $word == -* ]]; then\n"
	"			kind=$(_kist_kind \"$verb:$word\")\n"
	"		elif [[ $_kist_groups == *\" $verb \"* && $operand == 0 ]]; then\n"
	"			[[ $verb == kist ]] || word=$verb.$word\n"
	"			verb=$word\n"
	"		else\n"
	"			((operand++))\n"
	"		fi\n"
	"	done\n"
	"	[[ $cur == = ]] && cur=\n"
	"	if [[ -z $kind && $operand == 0 && $cur == -* ]]; then\n"
	"		kind=\"words $(_kist_options \"$verb\")\"\n"
	"	elif [[ -z $kind ]]; then\n"
	"		kind=$(_kist_kind \"$verb:$operand\")\n"
	"	fi\n"
	"	[[ $kind == command ]] && kind=$(_kist_kind kist:0)\n"
	"	case $kind in\n"
	"	file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"	dir) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	"	signal) mapfile -t COMPREPLY < <(compgen -A signal -- \"$cur\") ;;\n"
	"	container) mapfile -t COMPREPLY < <(compgen -W \"$(_kist_names list)\" -- \"$cur\") ;;\n"
	"	place) compopt -o filenames -o nospace 2>/dev/null\n"
	"		mapfile -t COMPREPLY < <(compgen -S : -W \"$(_kist_names list)\" -- \"$cur\"; compgen -f -- \"$cur\") ;;\n"
	"	image) mapfile -t COMPREPLY < <(compgen -W \"$(_kist_names image list)\" -- \"$cur\") ;;\n"
	"	volume | network) mapfile -t COMPREPLY < <(compgen -W \"$(_kist_names \"$kind\" list)\" -- \"$cur\") ;;\n"
	"	words*) mapfile -t COMPREPLY < <(compgen -W \"${kind#words}\" -- \"$cur\") ;;\n"
	"	esac\n"
	"}\n"
	"complete -F _kist kist\n";

static void value(const char *key, const struct opt *o, struct text *t)
{
	text_add(t, "\t");
	if (o->letter)
		text_add(t, "%s:-%c | ", key, o->letter);
	text_add(t, "%s:--%s) echo ", key, o->name);
	if (o->words)
		text_add(t, "words");
	for (const struct word *w = o->words; w && w->name; w++)
		text_add(t, " %s", w->name);
	text_add(t, "%s ;;\n", o->words ? "" : kinds[o->complete]);
}

static void words_of(const struct verb *v, struct text *t)
{
	text_add(t, "words");
	for (const struct verb *const *s = v->subs; *s; s++)
		if (!(*s)->hidden)
			text_add(t, " %s", (*s)->name);
}

static void operand(const struct verb *v, const char *key, int i, struct text *t)
{
	text_add(t, "\t%s:%d) echo ", key, i);
	if (v->subs)
		words_of(v, t);
	else
		text_add(t, "%s", kinds[v->operands[i].complete]);
	text_add(t, " ;;\n");
}

static void kinds_of(const struct verb *v, struct text *t)
{
	const char *key = page_key(t->arena, v, ".");

	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		if (o->arg)
			value(key, o, t);
	for (int i = 0; v->operands[i].name; i++)
		if (v->operands[i].complete)
			operand(v, key, i, t);
}

static void options_of(const struct verb *v, struct text *t)
{
	text_add(t, "\t%s) echo", page_key(t->arena, v, "."));
	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		text_add(t, " --%s", o->name);
	text_add(t, " ;;\n");
}

static void group(const struct verb *v, struct text *t)
{
	if (v->subs)
		text_add(t, " %s", v->name);
}

void page_bash(const struct verb *program, struct text *t)
{
	text_add(t, "%s_kist_groups='", head);
	page_each(program, group, t);
	text_add(t, " '\n\n_kist_options() # VERB\n{\n\tcase $1 in\n");
	page_each(program, options_of, t);
	text_add(t,
		 "\tesac\n}\n\n_kist_kind() # VERB:OPTION or VERB:NUMBER of an operand\n{\n\tcase $1 in\n");
	page_each(program, kinds_of, t);
	text_add(t, "\tesac\n}\n\n%s", body);
}
