/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <string.h>

#include "cmd/pages.h"
#include "cmd/verbs.h"

/* What holds for the program as a whole and for no single option. */
static const struct {
	const char *section, *term, *text;
} facts[] = {
	{ "EXIT STATUS", "0", "Success." },
	{ NULL, "1", "kist failed, and said why in one sentence on standard error and in the --log file." },
	{ NULL, "125", "\"kist run\" and \"kist create\" of an image or a directory: kist failed." },
	{ NULL, "126, 127", "The same: the program cannot be executed; there is no such program." },
	{ NULL, "255", "\"kist exec\" in the foreground could not run the command." },
	{ NULL, "any other",
	  "\"kist run\" and \"kist exec\" in the foreground: the exit code of the program, or 128 and the "
	  "number of the signal that ended it." },
	{ "FILES", "/run/kist/ID/",
	  "The record of a container, its private copy of config.json, its lock and the socket that "
	  "\"kist start\" talks to; readable by its owner only." },
	{ NULL, "config.json",
	  "In the bundle: what the container is, in the words of the OCI runtime specification." },
	{ NULL, "/var/lib/kist/",
	  "The data directory: images/ is an OCI image layout, layers/ holds every layer unpacked once, volumes/NAME/data "
	  "the files of a volume, instances/NAME an instance: its config.json, what it has written (upper/) and its log; "
	  "networks/, leases/ and attached/ what is known of networks and who is in them." },
	{ NULL, "/etc/subuid, /etc/subgid",
	  "The line of \"kist\" says which ids instances may be given, 65536 each. Without one they are taken from "
	  "1879048192 on, which nobody else uses on Debian." },
	{ "ENVIRONMENT", "XDG_RUNTIME_DIR", "Where a user other than root keeps the state of containers." },
	{ NULL, "LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES",
	  "Sockets that systemd passes to kist are passed on." },
};

/* roff: a backslash is \e, a hyphen that may be typed is \-, and a leading dot or quote starts a request. */
static void escaped(struct text *t, const char *s)
{
	for (bool fresh = true; *s; fresh = *s++ == '\n') {
		if (fresh && (*s == '.' || *s == '\''))
			text_add(t, "\\&");
		if (*s == '\\')
			text_add(t, "\\e");
		else if (*s == '-')
			text_add(t, "\\-");
		else
			text_addn(t, s, 1);
	}
}

static void line(struct text *t, const char *before, const char *s)
{
	text_add(t, "%s", before);
	escaped(t, s);
	text_add(t, "\n");
}

static void paragraphs(struct text *t, const char *s)
{
	const char *end;

	for (; (end = strstr(s, "\n\n")); s = end + 2) {
		line(t, "", arena_strndup(t->arena, s, (size_t)(end - s)));
		text_add(t, ".PP\n");
	}
	line(t, "", s);
}

static void option(const struct opt *o, struct text *t)
{
	text_add(t, ".TP\n");
	if (o->letter)
		text_add(t, "\\fB\\-%c\\fR, ", o->letter);
	text_add(t, "\\fB\\-\\-");
	escaped(t, o->name);
	text_add(t, "\\fR");
	if (o->arg)
		text_add(t, "=\\fI%s\\fR", o->arg);
	text_add(t, "\n");
	line(t, "", page_sentence(t->arena, page_about(t->arena, o)));
}

static void commands(const struct verb *program, struct text *t)
{
	text_add(t, ".SH COMMANDS\n");
	for (const struct verb *const *v = program->subs; *v; v++) {
		if ((*v)->hidden)
			continue;
		text_add(t, ".TP\n.BR kist\\-%s (1)\n", (*v)->name);
		line(t, "", page_sentence(t->arena, (*v)->summary));
	}
}

static void whole_program(struct text *t)
{
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		if (facts[i].section)
			text_add(t, ".SH %s\n", facts[i].section);
		line(t, ".TP\n", facts[i].term);
		line(t, "", facts[i].text);
	}
}

static void synopsis(const struct verb *v, struct text *t)
{
	if (v->subs && !v->program) {
		for (const struct verb *const *s = v->subs; *s; s++) {
			if (!(*s)->hidden)
				synopsis(*s, t);
			text_add(t, s[1] ? ".br\n" : "");
		}
		return;
	}
	text_add(t, ".B %s\n[\\fIOPTION\\fR]...", opts_title(t->arena, v));
	for (const struct operand *o = v->operands; o->name; o++)
		text_add(t, " %s", o->name);
	text_add(t, "\n");
}

static void head(const struct verb *v, const char *name, struct text *t)
{
	text_add(t, ".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
		    ".\\\" Made by \"kist docs\" from the option tables in cmd/; edit those.\n.TH ");
	for (const char *s = name; *s; s++)
		text_add(t, *s == '-' ? "\\-" : "%c", toupper((unsigned char)*s));
	line(t, " 1 \"\" kist \"kist manual\"\n.SH NAME\n",
	     arena_printf(t->arena, "%s - %s", name, v->summary));
	text_add(t, ".SH SYNOPSIS\n");
	synopsis(v, t);
	text_add(t, ".SH DESCRIPTION\n");
	paragraphs(t, v->detail ? v->detail : page_sentence(t->arena, v->summary));
}

static void options(const struct verb *v, struct text *t)
{
	for (const struct opt *o = page_opt(v, NULL); o; o = page_opt(v, o))
		option(o, t);
}

/* The verbs of a group share its page. */
static void member(const struct verb *v, struct text *t)
{
	line(t, ".SS ", opts_title(t->arena, v));
	line(t, "", page_sentence(t->arena, v->summary));
	if (v->detail) {
		text_add(t, ".PP\n");
		paragraphs(t, v->detail);
	}
	options(v, t);
}

static void examples(const struct verb *v, struct text *t)
{
	for (const struct example *x = v->examples; x->command; x++) {
		line(t, ".TP\n.B ", x->command);
		line(t, "", x->what);
	}
}

static void members(const struct verb *group, void (*print)(const struct verb *, struct text *), struct text *t)
{
	for (const struct verb *const *v = group->subs; *v; v++)
		if (!(*v)->hidden)
			print(*v, t);
}

void page_man(const struct verb *v, struct text *t)
{
	bool group = v->subs && !v->program;

	head(v, v->program ? v->name : arena_printf(t->arena, "kist-%s", v->name), t);
	if (v->program)
		commands(v, t);
	text_add(t, group ? ".SH COMMANDS\n" : ".SH OPTIONS\n");
	if (group)
		members(v, member, t);
	else
		options(v, t);
	text_add(t, ".SH EXAMPLES\n");
	examples(v, t);
	if (group)
		members(v, examples, t);
	if (v->program)
		whole_program(t);
	text_add(t, v->program ? "" : ".SH SEE ALSO\n.BR kist (1)\n");
}
