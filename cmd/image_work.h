/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_IMAGE_WORK_H
#define CMD_IMAGE_WORK_H
/* The verbs as kist-image does them. */
#include "cmd/image.h"

int image_import(struct call *c, struct err *e);
int image_list(struct call *c, struct err *e);
int image_inspect(struct call *c, struct err *e);
int image_tag(struct call *c, struct err *e);
int image_export(struct call *c, struct err *e);
int image_remove(struct call *c, struct err *e);
int image_commit(struct call *c, struct err *e);
int instance_export(struct call *c, struct err *e);
int volume_export(struct call *c, struct err *e);
int volume_import(struct call *c, struct err *e);
int system_prune(struct call *c, struct err *e);
int system_check(struct call *c, struct err *e);
int system_df(struct call *c, struct err *e);

/* A list of objects, as --format json prints it. */
const char *rows_json(struct arena *a, const struct object *o, const void *rows, size_t n);
#endif
