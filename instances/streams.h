/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_STREAMS_H
#define INSTANCES_STREAMS_H
#include "instances/instance.h"
/* kist's own standard streams while an instance is given others. */
struct inst_streams {
	int saved[3];
};
#define INST_STREAMS_OWN { { -1, -1, -1 } }
void inst_restore(struct inst_streams *s);
#define auto_streams __attribute__((cleanup(inst_restore))) struct inst_streams

/* Nobody types into what is detached or was not asked to listen; what is detached speaks into its log.  The program's
 * user may open the log, and pipes, by name again (/dev/stdout), as many services do. */
int inst_divert(const struct inst *i, bool detached, bool listens, struct inst_streams *s, struct err *e);
#endif
