/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_OPTS_H
#define CMD_OPTS_H
/*
 * A verb is a table.  Parsing, --help, the man page and the completions of every shell read the same
 * rows, so that none of them can lag behind.  An option fills one member of the verb's own struct.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "base/words.h"
#include "oci/bind.h" /* strings */

enum opt_kind {
	OPT_FLAG,    /* bool; also --flag=true and --flag=false */
	OPT_SET,     /* int: a flag that stores `value` */
	OPT_STR,     /* const char *; an empty value counts as not given */
	OPT_U32,     /* uint32_t: decimal digits only */
	OPT_I64,     /* const int64_t *, NULL when not given; an empty value counts as not given, also below */
	OPT_U64,     /* const uint64_t * */
	OPT_U16,     /* const uint16_t * */
	OPT_SIZE,    /* const int64_t *: bytes, with a unit; -1 */
	OPT_TIME,    /* uint32_t: milliseconds, written as "5s"; 0 counts as `value`, and is refused when that is 0 */
	OPT_WORD,    /* int: one of `words` */
	OPT_LIST,    /* strings: every use adds one, in order, without limit */
	OPT_IGNORED, /* accepted because callers of other runtimes pass it */
	OPT_STOP,    /* ends parsing with `value`; --help is one, which every verb has without a row */
};

enum complete {
	COMPLETE_NONE,
	COMPLETE_FILE,
	COMPLETE_DIR,
	COMPLETE_CONTAINER,
	COMPLETE_PLACE, /* NAME:PATH, or a file */
	COMPLETE_IMAGE,
	COMPLETE_VOLUME,
	COMPLETE_NETWORK,
	COMPLETE_SIGNAL,
	COMPLETE_VERB,
	COMPLETE_SHELL,
};

struct opt {
	char letter;      /* 0: none */
	const char *name; /* NULL: a letter only, left out of the documentation */
	const char *arg;  /* what the value is called; NULL: takes none */
	enum opt_kind kind;
	enum complete complete;
	int value;
	size_t offset;
	const struct word *words;
	const char *help; /* one sentence, without its full stop */
};

/* "NAME" is required, "[NAME]" is not, "..." anywhere in it means any number: they are passed untouched. */
struct operand {
	const char *name;
	enum complete complete;
};

struct example {
	const char *command, *what;
};

struct call;
struct verb {
	const char *name, *summary, *detail; /* detail: paragraphs, an empty line between two */
	struct operand operands[4];          /* each list ends with a NULL name */
	struct example examples[6];
	const struct opt *opts;
	size_t n, size; /* size of the struct that the options fill */
	bool hidden;
	int failed; /* exit code of wrong options, when it is not 1 */
	bool program; /* the program itself: its options stand before every verb */
	/* A verb runs, or is a group of verbs: the list ends with NULL, and each of it names the group. */
	int (*run)(struct call *c, struct err *e);
	const struct verb *const *subs;
	const char *group;
};
#define GROUP_OPERANDS { { "COMMAND", COMPLETE_VERB }, { "[ARG...]", COMPLETE_NONE } }

/* What is left of the command line; at[n] is NULL. */
struct args {
	int n;
	char **at;
};

enum { OPTS_HELP = 1, OPTS_VERSION = 2 };
/*
 * Fills `out` (zeroed, v->size bytes) and leaves the operands in *args.  Parsing stops at "--" and at
 * the first operand.  A long option may have one dash or two; of a repeated one the last wins.
 * 0, OPTS_HELP or OPTS_VERSION, or -EINVAL.
 */
int opts_parse(struct arena *a, const struct verb *v, struct args *args, void *out, struct err *e);

/* "kist", "kist create", "kist image import" */
const char *opts_title(struct arena *a, const struct verb *v);
/* "kist create [OPTION]... ID" */
void opts_usage(const struct verb *v, struct text *t);
extern const struct opt opts_help_row;

/* Row makers.  Each refuses to compile when the member has another type. */
#define OPT_SLOT(S, m, T) \
	(offsetof(S, m) + 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((S *)0)->m), T) ? 1 : -1]))
#define O_FLAG(S, m, letter, name, help)                                                         \
	{                                                                                        \
		letter, name, NULL, OPT_FLAG, COMPLETE_NONE, 0, OPT_SLOT(S, m, bool), NULL, help \
	}
#define O_SET(S, m, value, letter, name, help)                                                     \
	{                                                                                          \
		letter, name, NULL, OPT_SET, COMPLETE_NONE, value, OPT_SLOT(S, m, int), NULL, help \
	}
#define O_STR(S, m, letter, name, arg, complete, help)                                            \
	{                                                                                         \
		letter, name, arg, OPT_STR, complete, 0, OPT_SLOT(S, m, const char *), NULL, help \
	}
#define O_U32(S, m, letter, name, arg, help)                                                       \
	{                                                                                          \
		letter, name, arg, OPT_U32, COMPLETE_NONE, 0, OPT_SLOT(S, m, uint32_t), NULL, help \
	}
#define O_NUMBER_(S, m, T, kind, letter, name, arg, help)                                 \
	{                                                                                 \
		letter, name, arg, kind, COMPLETE_NONE, 0, OPT_SLOT(S, m, T), NULL, help \
	}
#define O_I64(S, m, name, arg, help) O_NUMBER_(S, m, const int64_t *, OPT_I64, 0, name, arg, help)
#define O_U64(S, m, name, arg, help) O_NUMBER_(S, m, const uint64_t *, OPT_U64, 0, name, arg, help)
#define O_U16(S, m, name, arg, help) O_NUMBER_(S, m, const uint16_t *, OPT_U16, 0, name, arg, help)
#define O_SIZE(S, m, name, help) O_NUMBER_(S, m, const int64_t *, OPT_SIZE, 0, name, "SIZE", help)
#define O_TIME(S, m, name, help) O_NUMBER_(S, m, uint32_t, OPT_TIME, 0, name, "TIME", help)
#define O_WORD(S, m, letter, name, arg, words, help)                                            \
	{                                                                                       \
		letter, name, arg, OPT_WORD, COMPLETE_NONE, 0, OPT_SLOT(S, m, int), words, help \
	}
#define O_LIST(S, m, letter, name, arg, help)                                                      \
	{                                                                                          \
		letter, name, arg, OPT_LIST, COMPLETE_NONE, 0, OPT_SLOT(S, m, strings), NULL, help \
	}
#define O_STOP(value, letter, name, help)                                         \
	{                                                                         \
		letter, name, NULL, OPT_STOP, COMPLETE_NONE, value, 0, NULL, help \
	}
#define O_IGNORED(name, arg, help)                                         \
	{                                                                  \
		0, name, arg, OPT_IGNORED, COMPLETE_NONE, 0, 0, NULL, help \
	}
#define OPTS(S, rows) .opts = rows, .n = sizeof(rows) / sizeof((rows)[0]), .size = sizeof(S)
#endif
