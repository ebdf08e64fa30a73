/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_SECRETS_H
#define INSTANCES_SECRETS_H
/*
 * With the host's own tree as root, the mapped root of the instance reads what the host's root reads.  What proves an
 * identity or belongs to a person is covered; so are the data and the state of kist, and of its like.
 */
#include "base/text.h"

/* What is below `dir` and not for everybody.  A directory that is too deep or too full to be judged is taken whole. */
void inst_secrets_find(struct strv *out, const char *dir);
/* That of the host, and what is known by name. */
void inst_secrets(struct strv *out);
#endif
