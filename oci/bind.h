/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OCI_BIND_H
#define OCI_BIND_H
/*
 * One table per JSON object, one row per property.  From the rows: decoding with type, range, word and
 * presence checks, and encoding.  Rules between properties are the object's `check`.
 *
 * Absent (and null) is NULL for OPT and strings, an empty list or map, false, 0; encoding leaves out what
 * is absent, except ONE numbers and words, which are always written.  Unknown keys are ignored: the OCI
 * specification demands it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/words.h"
#include "oci/json.h"

enum shape {
	ONE, /* the value stands in the struct */
	OPT, /* the struct has a pointer to it */
	LIST,
	MAP, /* strings: `pairs`; objects: a list whose elements keep their key in the first member */
};
enum kind { K_BOOL, K_I64, K_U64, K_I32, K_U32, K_U16, K_STR, K_WORD, K_TOKEN, K_OBJ };
/* For oci_overlay(): elements of a list are the same by the string, or by the two numbers of a device, that they begin with. */
enum { REQUIRED = 1, BY_NAME = 2, BY_DEVICE = 4 };

struct field {
	const char *key;
	enum kind kind;
	enum shape shape;
	unsigned flags;
	size_t offset;
	const void *arg; /* K_OBJ: struct object; K_WORD (→ int), K_TOKEN (stays a string): struct word table */
	int64_t min;	 /* both 0: the kind's own range */
	uint64_t max;
};

struct object {
	size_t size;
	const struct field *fields;
	size_t n;
	/* `v` is the JSON object that `obj` came from; see oci_bad(). */
	int (*check)(const void *obj, const struct json *v, struct err *e);
};

#define LIST_OF(T)         \
	struct {           \
		T *at;     \
		size_t len; \
	}
struct pair {
	const char *key, *value;
};
typedef LIST_OF(const char *) strings; /* decoded ones end with a NULL beyond len: fit for argv and envp */
typedef LIST_OF(struct pair) pairs;
struct any_list {
	void *at;
	size_t len;
};

/* `out` is zeroed by the caller and undefined after a failure.  Sentences start with the path below v. */
int oci_decode(struct arena *a, const struct object *o, const struct json *v, void *out, struct err *e);
size_t oci_step(const struct field *f); /* the size of one element of a LIST or MAP */
bool oci_absent(const struct field *f, const void *slot);
/* What is present in `over` replaces what is in `base`, object by object, maps and lists that have a key entry by entry,
 * other lists as a whole.  Objects below `base` are copied into the arena before they change. */
void oci_overlay(struct arena *a, const struct object *o, void *base, const void *over);
void oci_encode(const struct object *o, const void *in, struct json_out *w);
/* The same and, of the JSON object that `in` was decoded from, what no row knows. */
void oci_encode_over(const struct object *o, const void *in, const struct json *from, struct json_out *w);

/* The same for text; `name` is what sentences call the document. */
int oci_decode_text(struct arena *a, const struct object *o, const char *name, const char *text, size_t len,
		    void *out, struct err *e);
const char *oci_encode_text(struct arena *a, const struct object *o, const void *in, enum json_style style,
			    size_t *len);
/* Reads a regular file of at most 16 MiB; only its directories may be symbolic links. */
int oci_decode_file(struct arena *a, const struct object *o, const char *path, void *out, struct err *e);

/*
 * For checks: writes " (line N): sentence", ".key (line N): sentence", ".key[i] (line N): sentence" or
 * ".key["entry"] (line N): sentence", the line being that of the named value or else of `v`; without a line
 * when v is NULL (a spec that was composed, not read).  All return -EINVAL.
 */
int oci_bad(const struct json *v, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);
int oci_bad_key(const struct json *v, const char *key, struct err *e, const char *fmt, ...) PRINTF_LIKE(4, 5);
int oci_bad_item(const struct json *v, const char *key, size_t i, struct err *e, const char *fmt, ...)
	PRINTF_LIKE(5, 6);
int oci_bad_entry(const struct json *v, const char *key, const char *entry, struct err *e,
		  const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Row makers.  Each refuses to compile when the member has another C type. */
#define SAME_(S, m, T) (0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((S *)0)->m), T) ? 1 : -1]))
#define ROW_(S, m, T, key, k, sh, fl, arg, lo, hi) \
	{ key, k, sh, fl, offsetof(S, m) + SAME_(S, m, T), arg, lo, hi }

#define F_BOOL(S, m, key, fl) ROW_(S, m, bool, key, K_BOOL, ONE, fl, NULL, 0, 0)
#define F_STR(S, m, key, fl) ROW_(S, m, const char *, key, K_STR, ONE, fl, NULL, 0, 0)
#define F_STRS(S, m, key, fl) ROW_(S, m, strings, key, K_STR, LIST, fl, NULL, 0, 0)
#define F_MAP(S, m, key) ROW_(S, m, pairs, key, K_STR, MAP, 0, NULL, 0, 0)

#define F_I64(S, m, key, fl) ROW_(S, m, int64_t, key, K_I64, ONE, fl, NULL, 0, 0)
#define F_U64(S, m, key, fl) ROW_(S, m, uint64_t, key, K_U64, ONE, fl, NULL, 0, 0)
#define F_U64_IN(S, m, key, fl, lo, hi) ROW_(S, m, uint64_t, key, K_U64, ONE, fl, NULL, lo, hi)
#define F_U32(S, m, key, fl) ROW_(S, m, uint32_t, key, K_U32, ONE, fl, NULL, 0, 0)
#define F_U32_IN(S, m, key, fl, lo, hi) ROW_(S, m, uint32_t, key, K_U32, ONE, fl, NULL, lo, hi)
#define F_U32S_IN(S, m, key, lo, hi) ROW_(S, m.at, uint32_t *, key, K_U32, LIST, 0, NULL, lo, hi)

#define F_OPT_I64(S, m, key) ROW_(S, m, const int64_t *, key, K_I64, OPT, 0, NULL, 0, 0)
#define F_OPT_U64(S, m, key) ROW_(S, m, const uint64_t *, key, K_U64, OPT, 0, NULL, 0, 0)
#define F_OPT_I32(S, m, key) ROW_(S, m, const int32_t *, key, K_I32, OPT, 0, NULL, 0, 0)
#define F_OPT_U32(S, m, key) ROW_(S, m, const uint32_t *, key, K_U32, OPT, 0, NULL, 0, 0)
#define F_OPT_BOOL(S, m, key) ROW_(S, m, const bool *, key, K_BOOL, OPT, 0, NULL, 0, 0)
#define F_OPT_I64_IN(S, m, key, lo, hi) ROW_(S, m, const int64_t *, key, K_I64, OPT, 0, NULL, lo, hi)
#define F_OPT_U64_IN(S, m, key, lo, hi) ROW_(S, m, const uint64_t *, key, K_U64, OPT, 0, NULL, lo, hi)
#define F_OPT_I32_IN(S, m, key, lo, hi) ROW_(S, m, const int32_t *, key, K_I32, OPT, 0, NULL, lo, hi)
#define F_OPT_U32_IN(S, m, key, lo, hi) ROW_(S, m, const uint32_t *, key, K_U32, OPT, 0, NULL, lo, hi)
#define F_OPT_U16_IN(S, m, key, lo, hi) ROW_(S, m, const uint16_t *, key, K_U16, OPT, 0, NULL, lo, hi)

#define F_WORD(S, m, key, fl, words) ROW_(S, m, int, key, K_WORD, ONE, fl, words, 0, 0)
#define F_OPT_WORD(S, m, key, words) ROW_(S, m, const int *, key, K_WORD, OPT, 0, words, 0, 0)
#define F_WORDS(S, m, key, words) ROW_(S, m.at, int *, key, K_WORD, LIST, 0, words, 0, 0)
#define F_TOKEN(S, m, key, fl, words) ROW_(S, m, const char *, key, K_TOKEN, ONE, fl, words, 0, 0)
#define F_TOKENS(S, m, key, words) ROW_(S, m, strings, key, K_TOKEN, LIST, 0, words, 0, 0)

#define F_OBJ(S, m, T, key, fl, ob) ROW_(S, m, const T *, key, K_OBJ, OPT, fl, ob, 0, 0)
#define F_LIST(S, m, T, key, ob) ROW_(S, m.at, T *, key, K_OBJ, LIST, 0, ob, 0, 0)
#define F_LIST_BY(S, m, T, key, fl, ob) ROW_(S, m.at, T *, key, K_OBJ, LIST, fl, ob, 0, 0)
#define F_OBJ_MAP(S, m, T, key, ob) ROW_(S, m.at, T *, key, K_OBJ, MAP, 0, ob, 0, 0)

#define OBJECT(S, fs, chk) { sizeof(S), fs, sizeof(fs) / sizeof((fs)[0]), chk }
#endif
