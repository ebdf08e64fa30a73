/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

struct log_config log_config = { .level = LOG_ERROR, .fd = -1 };

static const char *const names[] = { "error", "warning", "debug" };

/* JSON (RFC 8259): quotes, backslashes and control characters escaped; other bytes pass as they are. */
static size_t escape(char *out, size_t size, const char *s)
{
	size_t n = 0;

	for (; *s && n + 8 < size; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			n += (size_t)snprintf(out + n, size - n, "\\%c", c);
		else if (c < 0x20)
			n += (size_t)snprintf(out + n, size - n, "\\u%04x", c);
		else
			out[n++] = (char)c;
	}
	out[n] = 0;
	return n;
}

static int to_json(char *line, size_t size, enum log_level level, const char *msg)
{
	char safe[2048], when[TEXT_TIME];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	text_time(when, &now);
	escape(safe, sizeof(safe), msg);
	return snprintf(line, size, "{\"level\":\"%s\",\"msg\":\"%s\",\"time\":\"%s\"}\n", names[level], safe, when);
}

void log_for_people(void)
{
	if (!log_config.chosen && log_config.level < LOG_WARNING)
		log_config.level = LOG_WARNING;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char msg[1024], line[2300];
	va_list ap;
	int n;

	if (level > log_config.level)
		return;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	text_one_line(msg);
	if (log_config.fd >= 0) {
		n = log_config.json ? to_json(line, sizeof(line), level, msg)
				    : snprintf(line, sizeof(line), "%s: %s\n", names[level], msg);
		(void)fd_write_all(log_config.fd, line, (size_t)n);
		if (level != LOG_ERROR)
			return;
	}
	n = snprintf(line, sizeof(line), "kist: %s%s\n", level == LOG_ERROR ? "" : "warning: ", msg);
	if (level == LOG_DEBUG)
		n = snprintf(line, sizeof(line), "kist: debug: %s\n", msg);
	(void)fd_write_all(STDERR_FILENO, line, (size_t)n);
}
