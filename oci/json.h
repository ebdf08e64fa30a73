/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_JSON_H
#define OCI_JSON_H
/*
 * JSON text ⇄ a small tree in the arena.  json.c is the only file that includes yajl, and of yajl only the
 * event parser is used: its tree API leaks (CVE-2023-33460) and rounds numbers.
 *
 * What is refused, besides everything RFC 8259 refuses: more than 16 MiB, more than 64 levels, more than
 * 2^20 values (so that a document costs at most about 100 MB), NUL in a string, a key that appears twice in
 * an object, invalid UTF-8.  Every step is linear in the document, or n log n in the keys of one object.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
enum { JSON_MAX_BYTES = 16 << 20, JSON_MAX_DEPTH = 64, JSON_MAX_VALUES = 1 << 20 };

struct json {
	enum json_type type;
	unsigned line;
	bool yes;
	const char *key;    /* name inside its object, else NULL */
	const char *text;   /* string, or the digits of a number exactly as written */
	struct json *first; /* children of an array or object, in the document's order */
	struct json *next;
	size_t len; /* children */
};

/* Sentences start with "line N: "; the caller prefixes the document's name. */
int json_parse(struct arena *a, const char *text, size_t len, struct json **out, struct err *e);

/* NULL when there is none, when it is null, or when v is NULL; cost: the children. */
const struct json *json_get(const struct json *v, const char *key);
const struct json *json_item(const struct json *v, size_t i);

/* A string fit for a one-line message: control characters become '?', what does not fit "…". */
enum { JSON_SHOWN = 80 };
const char *json_shown(char out[JSON_SHOWN], const char *s);

/*
 * The writer.  Lives in the arena; pretty means two spaces and a final newline.  Bytes that are not UTF-8
 * are written as U+FFFD, so that the output is always a document that json_parse takes.
 */
enum json_style { JSON_PRETTY, JSON_COMPACT };
struct json_out;

struct json_out *json_out_new(struct arena *a, enum json_style style);
void json_out_key(struct json_out *o, const char *key);
void json_out_str(struct json_out *o, const char *s);
void json_out_i64(struct json_out *o, int64_t v);
void json_out_u64(struct json_out *o, uint64_t v);
void json_out_digits(struct json_out *o, const char *number); /* written as it is: "0.25" */
void json_out_null(struct json_out *o);
void json_out_bool(struct json_out *o, bool v);
void json_out_open(struct json_out *o, enum json_type t); /* JSON_OBJECT or JSON_ARRAY */
void json_out_close(struct json_out *o, enum json_type t);
void json_out_tree(struct json_out *o, const struct json *v);  /* whatever it is, with all that is in it */
const char *json_out_text(struct json_out *o, size_t *len); /* len may be NULL */
#endif
