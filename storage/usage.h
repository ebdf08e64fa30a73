/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_USAGE_H
#define STORAGE_USAGE_H
#include <stdint.h>

#include "base/err.h"

/* Adds what a file or whole directory takes on the disk.  By descriptors, through no link; what vanishes meanwhile
 * counts nothing.  A file of several names counts once for each of them. */
int st_usage(int dir, const char *name, uint64_t *bytes, struct err *e);
#endif
