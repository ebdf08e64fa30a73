/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_LOG_H
#define BASE_LOG_H
#include <stdbool.h>
/*
 * One line per event to stderr or to --log FILE, as text or JSON.  At the default level only
 * cmd/main.c's final error is written: engines parse the file and take it for one JSON object
 * (engine contract 0.3).  Never call between fork and exec of the container's own process.
 */
enum log_level { LOG_ERROR, LOG_WARNING, LOG_DEBUG };

struct log_config {
	enum log_level level;
	bool chosen; /* the level, by the caller */
	bool json;
	int fd; /* -1: none; errors go to stderr as well */
};
extern struct log_config log_config;

/* For verbs that no engine calls: people want to know, unless they have said that they do not. */
void log_for_people(void);
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define log_warn(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#endif
