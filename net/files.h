/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_FILES_H
#define NET_FILES_H
/* FOLDER/NAME.json below the data directory `data`.  Every function returns ≥ 0 or -errno without a sentence. */
#include "base/fd.h"
#include "oci/bind.h"

int net_file_put(struct arena *a, int data, const char *folder, const char *name, const char *text, size_t len, enum file_durable how);
int net_file_read(struct arena *a, int data, const char *folder, const char *name, char **text, size_t *len); /* -ENOENT: none */
int net_file_remove(struct arena *a, int data, const char *folder, const char *name);
int net_file_names(struct arena *a, int data, const char *folder, strings *out); /* in no order */
/* What was being written when somebody was killed; the caller holds the lock, so nobody is writing now. */
void net_files_sweep(struct arena *a, int data, const char *folder);
#endif
