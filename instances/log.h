/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_LOG_H
#define INSTANCES_LOG_H
/*
 * What a detached instance has said: the file "log" in its directory.  The program has the file itself for its output
 * and no pipe, so that nobody's death or slowness stops it.  Whoever waits for its end punches a hole at the beginning
 * when the file has grown beyond the bound: no line is lost that was to stay, and no program notices.
 */
#include <stdint.h>

#define INST_LOG "log"
enum { INST_LOG_MAX = 64 << 20 };

/* In an instance's directory; `max` below 0 is no bound.  What cannot be shortened so is emptied. */
void inst_log_cut(int dir, int64_t max);
/* To where its last lines begin, as far as that is not more than a gigabyte from its end. */
void inst_log_tail(int log, uint64_t lines);
/* Behind a hole at the reading position, and what that has left of a line; to the end when there is nothing else. */
void inst_log_skip(int log);
#endif
