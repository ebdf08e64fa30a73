/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static PRINTF_LIKE(3, 0) void put(struct err *e, int code, const char *fmt, va_list ap,
				  const char *glue, const char *tail)
{
	int n;

	if (!e)
		return;
	e->code = code;
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	if (tail && n >= 0 && (size_t)n < sizeof(e->msg))
		snprintf(e->msg + n, sizeof(e->msg) - (size_t)n, "%s%s", glue, tail);
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(e, code, fmt, ap, NULL, NULL);
	va_end(ap);
	return -code;
}

int err_sys(struct err *e, const char *fmt, ...)
{
	int code = errno;
	va_list ap;

	va_start(ap, fmt);
	put(e, code, fmt, ap, ": ", strerror(code));
	va_end(ap);
	return -code;
}

int err_num(struct err *e, int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(e, -r, fmt, ap, ": ", strerror(-r));
	va_end(ap);
	return r;
}

static PRINTF_LIKE(2, 0) void prefix(struct err *e, const char *fmt, va_list ap, const char *glue)
{
	char was[sizeof(e->msg)];

	if (!e)
		return;
	memcpy(was, e->msg, sizeof(was));
	put(e, e->code, fmt, ap, glue, was);
}

int err_in(struct err *e, int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	prefix(e, fmt, ap, ": ");
	va_end(ap);
	return r;
}

int err_path(struct err *e, int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	prefix(e, fmt, ap, "");
	va_end(ap);
	return r;
}

int err_hint(struct err *e, int r, const char *fmt, ...)
{
	size_t n;
	va_list ap;

	if (!e)
		return r;
	n = strlen(e->msg);
	if (n + 3 > sizeof(e->msg))
		return r;
	memcpy(e->msg + n, "; ", 3);
	va_start(ap, fmt);
	vsnprintf(e->msg + n + 2, sizeof(e->msg) - n - 2, fmt, ap);
	va_end(ap);
	return r;
}
