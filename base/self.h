/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_SELF_H
#define BASE_SELF_H
#include "base/arena.h"
/*
 * The place of this program's own helpers: LIBEXECDIR, or beside the program when it runs from its build tree.
 * Never PATH, and never a directory that only the caller names (design.md 12).
 */

/* argv[0] counts only when it is absolute and proven to be the file that runs.  NULL when there is no such helper. */
const char *self_helper(struct arena *a, const char *argv0, const char *name);
/* The absolute path of the program; NULL when it cannot be known (executed from a detached mount). */
const char *self_path(struct arena *a, const char *argv0);
#endif
