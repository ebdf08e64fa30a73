/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_CLI_H
#define CMD_CLI_H
#include "base/arena.h"
#include "base/err.h"
/*
 * One command line, from its first word to the exit code, which is in *code whatever is returned.
 * Opens --log, so that the caller's report of a failure lands there; prints no error itself.
 */
int cli_run(struct arena *a, int argc, char **argv, int *code, struct err *e);
#endif
