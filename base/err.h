/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ERR_H
#define BASE_ERR_H
/*
 * An error is a value: a positive errno and the one sentence the user reads.
 *
 * Functions return 0 (or a useful non-negative number) or a negative errno.  The first function that
 * knows the intent writes the sentence; callers pass the number up and may prefix context.  The last
 * parameter may be NULL: "I do not want to hear".  Flat on purpose: it crosses the channel between
 * parent and child as it is, and is safe to fill when memory is gone.
 */
struct err {
	int code;
	char msg[508];
};

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Each returns -code (err_in, err_path: the r they were given), so that callers can `return err_…`. */
int err_set(struct err *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
int err_sys(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);	 /* code and words from errno */
int err_num(struct err *e, int r, const char *fmt, ...) PRINTF_LIKE(3, 4);  /* code and words from -errno r */
int err_in(struct err *e, int r, const char *fmt, ...) PRINTF_LIKE(3, 4);   /* prefix "context: " */
int err_path(struct err *e, int r, const char *fmt, ...) PRINTF_LIKE(3, 4); /* grow a.b[2].c leftwards */
/* Appends "; hint" to a sentence that has been written; keeps the code. */
int err_hint(struct err *e, int r, const char *fmt, ...) PRINTF_LIKE(3, 4);
#endif
