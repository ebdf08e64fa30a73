/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/pages.h"
#include "cmd/verbs.h"

/* The script asks two tables: which options a verb has, and of what kind a value or an operand is. */

static const char *const kinds[] = {
	[COMPLETE_NONE] = "text",
	[COMPLETE_FILE] = "file",
	[COMPLETE_DIR] = "dir",
	[COMPLETE_CONTAINER] = "container",
	[COMPLETE_SIGNAL] = "signal",
	[COMPLETE_VERB] = "verb",
	[COMPLETE_SHELL] = "words bash zsh fish",
};

static const char head[] =
	"# bash completion for kist, made by \"kist completion bash\"\n"
	"# SPDX-License-Identifier: GPL-2.0-or-later\n\n";

static const char body[] =
	"_kist_ids() { kist list -q 2>/dev/null; }\n"
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
	"		elif [[ $verb == kist ]]; then\n"
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
	"	case $kind in\n"
	"	file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"	dir) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	"	signal) mapfile -t COMPREPLY < <(compgen -A signal -- \"$cur\") ;;\n"
	"	container) mapfile -t COMPREPLY < <(compgen -W \"$(_kist_ids)\" -- \"$cur\") ;;\n"
	"	verb) mapfile -t COMPREPLY < <(compgen -W \"$_kist_verbs\" -- \"$cur\") ;;\n"
	"	words*) mapfile -t COMPREPLY < <(compgen -W \"${kind#words}\" -- \"$cur\") ;;\n"
	"	esac\n"
	"}\n"
	"complete -F _kist kist\n";

static void value(const struct verb *v, const struct opt *o, struct text *t)
{
	text_add(t, "\t");
	if (o->letter)
		text_add(t, "%s:-%c | ", v->name, o->letter);
	text_add(t, "%s:--%s) echo ", v->name, o->name);
	if (o->words)
		text_add(t, "words");
	for (const struct word *w = o->words; w && w->name; w++)
		text_add(t, " %s", w->name);
	text_add(t, "%s ;;\n", o->words ? "" : kinds[o->complete]);
}

static void kinds_of(const struct verb *v, struct text *t)
{
	int i = 0;

	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		if (o->arg)
			value(v, o, t);
	for (const struct operand *o = v->operands; o->name; o++, i++)
		if (o->complete)
			text_add(t, "\t%s:%d) echo %s ;;\n", v->name, i, kinds[o->complete]);
}

static void options_of(const struct verb *v, struct text *t)
{
	text_add(t, "\t%s) echo", v->name);
	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		text_add(t, " --%s", o->name);
	text_add(t, " ;;\n");
}

static void each(void (*print)(const struct verb *, struct text *), struct text *t)
{
	print(&verb_kist, t);
	for (const struct verb *const *v = verbs; *v; v++)
		if (!(*v)->hidden)
			print(*v, t);
}

static void name_of(const struct verb *v, struct text *t)
{
	if (v->run)
		text_add(t, " %s", v->name);
}

void page_bash(struct text *t)
{
	text_add(t, "%s_kist_verbs='", head);
	each(name_of, t);
	text_add(t, "'\n\n_kist_options() # VERB\n{\n\tcase $1 in\n");
	each(options_of, t);
	text_add(t,
		 "\tesac\n}\n\n_kist_kind() # VERB:OPTION or VERB:NUMBER of an operand\n{\n\tcase $1 in\n");
	each(kinds_of, t);
	text_add(t, "\tesac\n}\n\n%s", body);
}
