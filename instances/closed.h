/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_CLOSED_H
#define INSTANCES_CLOSED_H
/*
 * Host directories that an instance writes to with the owners that it sees.  Those are not shifted on the disk, so what
 * its root makes set-user-ID would be a door to the host's root for everybody who reaches it.
 */
#include "base/err.h"
#include "oci/spec.h"

/* -EPERM with a sentence when others than the host's root can reach such a directory of this instance. */
int inst_check_closed(const struct oci_spec *s, struct err *e);
#endif
