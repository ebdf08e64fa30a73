/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_REAP_H
#define RUNTIME_REAP_H
/*
 * A first process for programs that are none: it runs the program as its child, hands all signals on to it, buries what
 * others leave behind, and ends as the program has ended.  kist itself, executed inside of the container by a descriptor
 * of a read-only mount that has no name there; the arguments are REAP_NAME, the program's file, and the program's own.
 */
#define REAP_NAME "kist-init"
int reap_main(char **argv); /* the exit code; argv from the program's file on */
#endif
