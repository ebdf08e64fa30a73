/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORAGE_SWEEP_H
#define STORAGE_SWEEP_H
#include "storage/objects.h"
#include "storage/store.h"
/*
 * Leftovers among instances and volumes: what a killed maker was filling, and ranges of ids (ids/FIRST, a link to a
 * name) whose instance is not there.  The caller holds "images" exclusively, so that nobody is making an instance.
 */
int st_sweep_instances(const struct st_store *s, bool remove, struct st_junk *add, struct err *e);
#endif
