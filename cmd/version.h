/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_VERSION_H
#define CMD_VERSION_H
#include "base/arena.h"
/* What --version prints; callers split its first line at the word "version". */
const char *version_text(struct arena *a);
#endif
