/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_END_H
#define INSTANCES_END_H
/* How an instance's last run ended: status.json in its directory, by whom the end was waited for. */
#include "instances/instance.h"

struct inst_end {
	const int64_t *code; /* of exit(2), or 128 and the signal; NULL: nobody saw it, or it has not ended */
	const char *finished;
};
int inst_end_write(const struct inst *i, int code, struct err *e);
/* What cannot be read is not known. */
void inst_end_read(const struct inst *i, struct inst_end *out);
/* Before the next run: nobody may see it end. */
int inst_end_forget(const struct inst *i, struct err *e);
/*
 * Of one that is removed at its end nothing is kept but what somebody listens for: who wants to know has a file made in its
 * directory, which is written to before it goes and read when it has gone.
 */
int inst_end_listen(const struct inst *i, struct err *e); /* a descriptor */
void inst_end_tell(const struct inst *i, int code);
bool inst_end_hear(int fd, int64_t *code);
/* For one that was to go with its end: its container, too. */
int inst_remove_ended(const struct ct_ctx *c, struct inst *i, struct err *e);
#endif
