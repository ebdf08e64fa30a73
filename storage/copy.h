/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_COPY_H
#define STORAGE_COPY_H
#include "storage/view.h"
/*
 * Copies what a merged directory holds into the directory `to`, which becomes its like: owners, modes, times, extended
 * attributes but those of overlayfs.  Devices and sockets are left out: they would mean the host's.  Reads and writes by
 * descriptors, follows no link; -ELOOP when it is deeper than any honest tree.
 */
int st_copy_tree(const struct st_entry *from, int to);
#endif
