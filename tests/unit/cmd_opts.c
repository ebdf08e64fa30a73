/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/guess.h"
#include "cmd/pages.h"
#include "cmd/verbs.h"

struct sample {
	const char *dir;
	strings env;
	uint32_t count, every;
	const int64_t *signed_number, *size;
	const uint64_t *big;
	const uint16_t *small;
	int level;
	bool all, quiet;
};

static const struct word levels[] = { { "low", 0 }, { "high", 7 }, { NULL, 0 } };
static const struct opt rows[] = {
	O_STR(struct sample, dir, 'b', "bundle", "DIR", COMPLETE_DIR, "a directory"),
	O_LIST(struct sample, env, 'e', "env", "NAME=VALUE", "a list"),
	O_U32(struct sample, count, 'n', "count", "N", "a number"),
	O_I64(struct sample, signed_number, "signed", "N", "a number that may be below zero"),
	O_U64(struct sample, big, "big", "N", "a large number"),
	O_U16(struct sample, small, "small", "N", "a small number"),
	O_SIZE(struct sample, size, "size", "a size"),
	O_TIME(struct sample, every, "every", "a time"),
	O_WORD(struct sample, level, 0, "level", "LEVEL", levels, "a word"),
	O_SET(struct sample, level, 7, 0, "high", "a word by its own flag"),
	O_FLAG(struct sample, all, 'a', "all", "a flag"),
	O_FLAG(struct sample, quiet, 'q', "quiet", "a flag"),
	O_IGNORED("no-subreaper", NULL, "nothing"),
	O_IGNORED("criu", "FILE", "nothing"),
	O_STOP(OPTS_VERSION, 'V', NULL, NULL),
};

static int never(struct call *c, struct err *e)
{
	(void)c;
	return err_set(e, ENOSYS, "never called");
}

static const struct verb verb = {
	.name = "sample",
	.summary = "test the options",
	.operands = { { "ID", COMPLETE_NONE }, { "[ARG...]", COMPLETE_NONE } },
	OPTS(struct sample, rows),
	.run = never,
};
static const struct verb two = {
	.name = "two",
	.operands = { { "ID", COMPLETE_NONE }, { "[SIGNAL]", COMPLETE_SIGNAL } },
	.run = never,
};

static struct arena arena;

/* Splits a line at its spaces; "''" is an empty word. */
static struct args split(const char *line)
{
	struct strv v = { .arena = &arena };
	char *copy = arena_strdup(&arena, line), *save, *w;

	for (w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		strv_add(&v, strcmp(w, "''") ? w : "");
	return (struct args){ (int)v.len, v.len ? (char **)v.at : (char *[]){ NULL } };
}

/* Everything a parse leaves behind, as text. */
static const char *told(const struct verb *v, const char *line)
{
	struct sample s = { 0 };
	struct args args = split(line);
	struct text t = { .arena = &arena };
	struct err e = { 0 };
	int r = opts_parse(&arena, v, &args, &s, &e);

	if (r < 0)
		return arena_strdup(&arena, e.msg);
	if (r > 0)
		return r == OPTS_HELP ? "HELP" : "VERSION";
	text_add(&t, "%s n=%u l=%d%s%s", s.dir ? s.dir : "-", s.count, s.level, s.all ? " all" : "",
		 s.quiet ? " quiet" : "");
	if (s.signed_number)
		text_add(&t, " signed=%lld", (long long)*s.signed_number);
	if (s.big)
		text_add(&t, " big=%llu", (unsigned long long)*s.big);
	if (s.small)
		text_add(&t, " small=%u", *s.small);
	if (s.size)
		text_add(&t, " size=%lld", (long long)*s.size);
	if (s.every)
		text_add(&t, " every=%u", s.every);
	for (size_t i = 0; i < s.env.len; i++)
		text_add(&t, " {%s}", s.env.at[i]);
	for (int i = 0; i < args.n; i++)
		text_add(&t, " [%s]", args.at[i]);
	return text_str(&t);
}

static const struct {
	const char *line, *leaves;
} good[] = {
	{ "x", "- n=0 l=0 [x]" },
	/* contract 0.10: both forms, repeated, the last wins */
	{ "--bundle /a x", "/a n=0 l=0 [x]" },
	{ "--bundle=/a x", "/a n=0 l=0 [x]" },
	{ "--bundle=/a --bundle /b --bundle=/c x", "/c n=0 l=0 [x]" },
	{ "--bundle=a=b x", "a=b n=0 l=0 [x]" },
	{ "--all --all --high --high x", "- n=0 l=7 all [x]" },
	{ "--high --level=low x", "- n=0 l=0 [x]" },
	{ "--level low --high x", "- n=0 l=7 [x]" },
	/* contract 0.8: one dash */
	{ "-bundle /a -all x", "/a n=0 l=0 all [x]" },
	{ "-bundle=/a -no-subreaper x", "/a n=0 l=0 [x]" },
	{ "--no-subreaper --criu /usr/sbin/criu -criu=y x", "- n=0 l=0 [x]" },
	/* letters */
	{ "-b /a -n 3 x", "/a n=3 l=0 [x]" },
	{ "-b/a -n3 x", "/a n=3 l=0 [x]" },
	{ "-b=/a -e=A=1 x", "/a n=0 l=0 {A=1} [x]" },
	{ "-aq x", "- n=0 l=0 all quiet [x]" },
	{ "-aqb /a x", "/a n=0 l=0 all quiet [x]" },
	{ "-aqb/a x", "/a n=0 l=0 all quiet [x]" },
	/* contract 0.9: the first operand ends the options */
	{ "-a x -q --bundle /b", "- n=0 l=0 all [x] [-q] [--bundle] [/b]" },
	{ "x -- y", "- n=0 l=0 [x] [--] [y]" },
	{ "x -9", "- n=0 l=0 [x] [-9]" },
	{ "-- -a -b", "- n=0 l=0 [-a] [-b]" },
	{ "- -a", "- n=0 l=0 [-] [-a]" },
	{ "x --help", "- n=0 l=0 [x] [--help]" },
	/* empty values: not given, except in lists */
	{ "--bundle= x", "- n=0 l=0 [x]" },
	{ "--bundle /a --bundle '' x", "- n=0 l=0 [x]" },
	{ "--env= x", "- n=0 l=0 {} [x]" },
	{ "'' x", "- n=0 l=0 [] [x]" },
	/* a value may look like an option */
	{ "--bundle -a x", "-a n=0 l=0 [x]" },
	{ "--bundle -- x", "-- n=0 l=0 [x]" },
	{ "-e -- -e --all x", "- n=0 l=0 {--} {--all} [x]" },
	/* flags as Go's callers write them */
	{ "--all=true --quiet=1 x", "- n=0 l=0 all quiet [x]" },
	{ "--all --all=false -q=0 x", "- n=0 l=0 [x]" },
	{ "--high --high=false x", "- n=0 l=0 [x]" },
	{ "--count 0 --count 4294967295 x", "- n=4294967295 l=0 [x]" },
	{ "--count 007 x", "- n=7 l=0 [x]" },
	/* numbers that may be absent: the struct of the specification has pointers to them */
	{ "--signed -9223372036854775808 --big=18446744073709551615 --small 65535 x",
	  "- n=0 l=0 signed=-9223372036854775808 big=18446744073709551615 small=65535 [x]" },
	{ "--size=512m --every 1m30s x", "- n=0 l=0 size=536870912 every=90000 [x]" },
	{ "--size -1 --signed 0 x", "- n=0 l=0 signed=0 size=-1 [x]" },
	{ "--size=1 --size= --signed= --big= --small= x", "- n=0 l=0 [x]" },
	{ "-a --help --nonsense", "HELP" },
	{ "-h", "HELP" },
	{ "-ah", "HELP" },
	{ "-help", "HELP" },
	{ "-V", "VERSION" },
};

static void accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_string_equal(told(&verb, good[i].line), good[i].leaves);
	assert_string_equal(told(&two, "x -9"), "- n=0 l=0 [x] [-9]");
}

#define USAGE "; usage: kist sample [OPTION]... ID [ARG...] (kist sample --help explains)"
#define RANGE(word) "sample: option --count: \"" word "\" is not a whole number from 0 to 4294967295"
#define USAGE_TWO "; usage: kist two [OPTION]... ID [SIGNAL] (kist two --help explains)"
static const struct {
	const struct verb *verb;
	const char *line, *says;
} bad[] = {
	{ &verb, "", "sample: ID is missing" USAGE },
	{ &verb, "--", "sample: ID is missing" USAGE },
	{ &verb, "--nonsense x", "sample: unknown option --nonsense" USAGE },
	{ &verb, "--bundel=/a x", "sample: unknown option --bundel=/a (did you mean --bundle?)" USAGE },
	{ &verb, "-quite x", "sample: unknown option -quite (did you mean --quiet?)" USAGE },
	{ &verb, "-aX x", "sample: unknown option -aX" USAGE },
	{ &verb, "--bundle", "sample: option --bundle requires an argument (DIR)" USAGE },
	{ &verb, "-bundle", "sample: option --bundle requires an argument (DIR)" USAGE },
	{ &verb, "-ab", "sample: option --bundle requires an argument (DIR)" USAGE },
	{ &verb, "--criu", "sample: option --criu requires an argument (FILE)" USAGE },
	{ &verb, "--env", "sample: option --env requires an argument (NAME=VALUE)" USAGE },
	{ &verb, "--count= x", RANGE("") },
	{ &verb, "--count 4294967296 x", RANGE("4294967296") },
	{ &verb, "--count -1 x", RANGE("-1") },
	{ &verb, "--count +1 x", RANGE("+1") },
	{ &verb, "--count 0x1 x", RANGE("0x1") },
	{ &verb, "--count 1x x", RANGE("1x") },
	{ &verb, "--signed 1x x", "sample: option --signed: \"1x\" is not a whole number" },
	{ &verb, "--big -1 x", "sample: option --big: \"-1\" is not a whole number, 0 or more" },
	{ &verb, "--small 65536 x", "sample: option --small: \"65536\" is not a whole number from 0 to 65535" },
	{ &verb, "--size -2 x",
	  "sample: option --size: \"-2\" is not a size such as 4096, 512M or 1.5G (-1: unlimited)" },
	{ &verb, "--every 0 x", "sample: option --every: \"0\" is not a time such as 5s, 500ms or 1m30s" },
	{ &verb, "--every= x", "sample: option --every: \"\" is not a time such as 5s, 500ms or 1m30s" },
	{ &verb, "--level hi x", "sample: option --level: unknown value \"hi\", expected one of low, high" },
	{ &verb, "--level= x", "sample: option --level: unknown value \"\", expected one of low, high" },
	{ &verb, "--all=maybe x", "sample: option --all takes no value but true or false, not \"maybe\"" },
	{ &two, "a b c", "two: unexpected \"c\"" USAGE_TWO },
	{ &two, "a b --all", "two: unexpected \"--all\": options go before the operands" USAGE_TWO },
};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct args args = split(bad[i].line);
		struct sample s = { 0 };

		assert_string_equal(told(bad[i].verb, bad[i].line), bad[i].says);
		assert_int_equal(opts_parse(&arena, bad[i].verb, &args, &s, NULL), -EINVAL);
	}
}

static void lists_have_no_limit(void **state)
{
	enum { MANY = 5000 };
	struct strv v = { .arena = &arena };
	struct sample s = { 0 };
	struct args args;

	(void)state;
	for (int i = 0; i < MANY; i++)
		strv_add(&v, arena_printf(&arena, "--env=%d", i));
	strv_add(&v, "x");
	args = (struct args){ (int)v.len, (char **)v.at };
	assert_int_equal(opts_parse(&arena, &verb, &args, &s, NULL), 0);
	assert_int_equal(s.env.len, MANY);
	for (int i = 0; i < MANY; i++)
		assert_string_equal(s.env.at[i], arena_printf(&arena, "%d", i));
	assert_null(s.env.at[MANY]);
}

static const char help_of_kill[] =
	"usage: kist kill [OPTION]... ID [SIGNAL]\n"
	"\n"
	"Send a signal to a container.\n"
	"\n"
	"SIGNAL is a number or a name in either case, with or without SIG; without it\n"
	"SIGTERM, or what the image or --stop-signal of an instance says. It goes to the\n"
	"container's first process; KILL goes to all when they have no pid namespace of\n"
	"their own.\n"
	"\n"
	"options:\n"
	"  -a, --all                  signal every process of the container, even when\n"
	"                             its first one is gone\n"
	"  -h, --help                 print this help\n"
	"\n"
	"examples:\n"
	"  kist kill dns1\n"
	"      Ask the container to end.\n"
	"  kist kill dns1 HUP\n"
	"      Let a service read its configuration again.\n"
	"  kist kill --all dns1 KILL\n"
	"      End every process in it.\n";

static void help(void **state)
{
	struct text t = { .arena = &arena };

	(void)state;
	page_help(&verb_kill, &t);
	assert_string_equal(text_str(&t), help_of_kill);
}

static const struct verb import = {
	.name = "import",
	.group = "image",
	.summary = "take an image in",
	.detail = "From an archive.",
	.operands = { { "FILE", COMPLETE_FILE } },
	.examples = { { "kist image import x.tar", "Take it in." } },
	OPTS(struct sample, rows),
	.run = never,
};
static const struct verb remove_image = {
	.name = "remove",
	.group = "image",
	.summary = "remove images",
	.operands = { { "IMAGE...", COMPLETE_IMAGE } },
	.examples = { { "kist image remove x", "Remove it." } },
	.run = never,
};
static const struct verb group = {
	.name = "image",
	.summary = "images",
	.operands = GROUP_OPERANDS,
	.examples = { { "kist image import x.tar", "Take an image in." } },
	.subs = (const struct verb *const[]){ &import, &remove_image, NULL },
};
static const struct verb program = {
	.name = "kist",
	.program = true,
	.summary = "a program",
	.operands = GROUP_OPERANDS,
	.subs = (const struct verb *const[]){ &verb_kill, &group, NULL },
};

static const char help_of_group[] =
	"usage: kist image COMMAND [ARG...]\n"
	"\n"
	"Images.\n"
	"\n"
	"commands:\n"
	"  import       take an image in\n"
	"  remove       remove images\n"
	"\n"
	"options:\n"
	"  -h, --help                 print this help\n"
	"\n"
	"examples:\n"
	"  kist image import x.tar\n"
	"      Take an image in.\n";

static const char *needed(const struct verb *in, const char *name)
{
	struct err e = { 0 };

	assert_null(verb_need(&arena, in, name, &e));
	return arena_strdup(&arena, e.msg);
}

static void groups(void **state)
{
	struct text t = { .arena = &arena };

	(void)state;
	page_help(&group, &t);
	assert_string_equal(text_str(&t), help_of_group);
	assert_ptr_equal(verb_need(&arena, &program, "image", NULL), &group);
	assert_ptr_equal(verb_need(&arena, &group, "import", NULL), &import);
	assert_string_equal(needed(&group, "imprt"),
			    "unknown command \"image imprt\" (did you mean import?); usage: kist image COMMAND "
			    "[ARG...] (see kist image --help)");
	assert_string_equal(needed(&program, "imprt"),
			    "unknown command \"imprt\"; usage: kist [OPTION]... COMMAND [ARG...] (see kist "
			    "--help)");
	assert_string_equal(needed(&program, "rmi"), "unknown command \"rmi\": that is kist image remove (see kist --help)");
	assert_string_equal(needed(&group, "rmi"), "unknown command \"image rmi\"; usage: kist image COMMAND [ARG...] (see kist image --help)");
	assert_string_equal(told(&group, ""), "image: COMMAND is missing; usage: kist image COMMAND [ARG...] "
					      "(kist image --help explains)");
	assert_string_equal(told(&group, "-h"), "HELP");
	assert_string_equal(told(&group, "import -h"), "- n=0 l=0 [import] [-h]");
	assert_string_equal(told(&import, ""), "image import: FILE is missing; usage: kist image import "
					       "[OPTION]... FILE (kist image import --help explains)");
}

static const char *page(void (*write)(const struct verb *, struct text *), const struct verb *v)
{
	struct text t = { .arena = &arena };

	write(v, &t);
	return text_str(&t);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void pages_of_groups(void **state)
{
	const char *man = page(page_man, &group);

	(void)state;
	has(man, ".SH SYNOPSIS\n.B kist image import\n[\\fIOPTION\\fR]... FILE\n.br\n.B kist image remove\n");
	has(man, ".SH COMMANDS\n.SS kist image import\nTake an image in.\n.PP\nFrom an archive.\n.TP\n");
	has(man, ".SS kist image remove\nRemove images.\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n");
	has(man, ".SH EXAMPLES\n.TP\n.B kist image import x.tar\nTake an image in.\n.TP\n");
	has(page(page_man, &program), ".BR kist\\-image (1)\nImages.\n");
	has(page(page_bash, &program), "\n_kist_groups=' kist image '\n");
	has(page(page_bash, &program), "\timage:0) echo words import remove ;;\n");
	has(page(page_bash, &program), "\timage.import:-b | image.import:--bundle) echo dir ;;\n");
	has(page(page_bash, &program), "\timage.remove:0) echo image ;;\n");
	has(page(page_zsh, &program), "\n_kist_image() {\n");
	has(page(page_zsh, &program), "':COMMAND:_kist_image_commands' \\\n\t\t'*::[ARG...]:->rest'");
	has(page(page_zsh, &program), "\timage)\n\t\t_kist_image\n\t\t;;\n");
	has(page(page_fish, &program), "complete -c kist -n '__kist_in image' -a import -d 'take an image in'\n");
	has(page(page_fish, &program), "complete -c kist -n '__kist_in image remove' -a '(kist image list -q 2>/dev/null)'\n");
}

static void check_verb(const struct verb *v)
{
	assert_non_null(v->summary);
	assert_true(!v->run == !!v->subs);
	for (const struct verb *const *s = v->subs; s && *s; s++) {
		assert_ptr_equal(verb_find(v, (*s)->name), *s);
		if (v->program)
			assert_null((*s)->group);
		else
			assert_string_equal((*s)->group, v->name);
		check_verb(*s);
	}
	if (!v->hidden)
		assert_non_null(v->examples[0].command);
	for (size_t i = 0; i < v->n; i++) {
		const struct opt *o = &v->opts[i];

		assert_true(o->name || o->letter);
		assert_true(!o->name || o->help);
		assert_true(!o->arg == (o->kind == OPT_FLAG || o->kind == OPT_SET || o->kind == OPT_STOP) ||
			    o->kind == OPT_IGNORED);
		/* the documentation calls the first word the default */
		assert_true(o->kind != OPT_WORD || o->words[0].value == 0);
		for (const struct opt *p = v->opts; p < o; p++) {
			assert_false(o->letter && o->letter == p->letter);
			assert_false(o->name && p->name && !strcmp(o->name, p->name));
		}
		assert_false(o->letter == 'h');
	}
}

static void tables_are_sound(void **state)
{
	(void)state;
	check_verb(&verb_kist);
	assert_null(verb_find(&verb_kist, "nonsense"));
}

static void guesses(void **state)
{
	static const char *const known[] = { "create", "delete", "state", "start", "ps", "list", "remove" };
	static const struct {
		const char *word, *best;
	} tries[] = { { "crate", "create" }, { "detele", "delete" }, { "strat", "state" }, { "xyzzy", NULL },
		      { "p", NULL },	     { "", NULL },	   { "ls", "list" },	 { "rm", "remove" } };

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct guess g = { .word = tries[i].word, .len = strlen(tries[i].word) };

		for (size_t j = 0; j < sizeof(known) / sizeof(known[0]); j++)
			guess_try(&g, known[j]);
		if (tries[i].best)
			assert_string_equal(g.best, tries[i].best);
		else
			assert_null(g.best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(refused),
		cmocka_unit_test(lists_have_no_limit),
		cmocka_unit_test(help),
		cmocka_unit_test(groups),
		cmocka_unit_test(pages_of_groups),
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(guesses),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	arena_done(&arena);
	return r;
}
